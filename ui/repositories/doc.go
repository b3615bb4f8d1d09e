// Package repositories is where an administrator sets up the servers to exchange
// records with: address and login, resources with their policies, schedule, log.
package repositories

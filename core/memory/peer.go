package memory

import (
	"context"
	"fmt"
	"slices"

	"github.com/fieldsync/fieldsync/core"
)

// PeerByUUID returns the repository with that identity; core.ErrNotFound.
func (s *Store) PeerByUUID(_ context.Context, uuid string) (core.Repository, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if uuid != "" {
		for _, r := range s.peers {
			if r.UUID == uuid {
				return r, nil
			}
		}
	}
	return core.Repository{}, fmt.Errorf("peer %q: %w", uuid, core.ErrNotFound)
}

// AddPeer stores a peer that registered itself and returns it with its id.
func (s *Store) AddPeer(_ context.Context, r core.Repository) (core.Repository, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, known := range s.peers {
		if known.UUID == r.UUID {
			return core.Repository{}, fmt.Errorf("a peer %q is here already", r.UUID)
		}
	}
	r.ID, r.Told = int64(len(s.peers)+1), r.Name
	s.peers = append(s.peers, r)
	return r, nil
}

// SaveRepository stores what changed about a known peer.
func (s *Store) SaveRepository(_ context.Context, r core.Repository) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := s.peer(r.ID)
	if err == nil {
		*p = r
	}
	return err
}

// peer is the one with that id; core.ErrNotFound. The caller has locked the store.
func (s *Store) peer(id int64) (*core.Repository, error) {
	if id < 1 || id > int64(len(s.peers)) {
		return nil, fmt.Errorf("repository %d: %w", id, core.ErrNotFound)
	}
	return &s.peers[id-1], nil
}

// Connected notes when a peer last called.
func (s *Store) Connected(_ context.Context, id int64, at core.MTime) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := s.peer(id)
	if err == nil {
		p.LastConnected = at
	}
	return err
}

// RenamePeer notes by which name a peer calls itself now, and shows it by that unless it was
// given another one here.
func (s *Store) RenamePeer(_ context.Context, id int64, told string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := s.peer(id)
	if err != nil {
		return err
	}
	if p.Name == p.Told {
		p.Name = told
	}
	p.Told = told
	return nil
}

// Peers returns all peers in the order they registered.
func (s *Store) Peers() []core.Repository {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Clone(s.peers)
}

// Remembers returns the token that the peer gave us last.
func (s *Store) Remembers(_ context.Context, repo int64) (string, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.remembers[repo], nil
}

// Remember keeps the token that the peer gave us.
func (s *Store) Remember(_ context.Context, repo int64, token string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remembers[repo] = token
	return nil
}

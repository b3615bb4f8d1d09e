package responder

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/fieldsync/fieldsync/core"
)

// checkResource refuses what cannot be exchanged at all, as Eden does (spec
// eden-sync-protocol §3.4).
func checkResource(resource core.Resource) error {
	switch {
	case resource == "" || resource == "mixed":
		return handled("Mixed resource synchronization not supported", "")
	case !resource.Valid():
		return badRequest("Invalid request: this is not the name of a resource")
	case resource.Private():
		return notShared(resource)
	}
	return nil
}

// peer returns the repository that calls. Without a repository parameter, as in
// plain REST requests, it is the one that last used the same account.
func (c *call) peer(ctx context.Context) (core.Repository, error) {
	uuid := c.query.get("repository")
	named := uuid != ""
	if !named {
		uuid = c.journal.callerOf(c.account.Name)
	}
	peer, err := c.store.PeerByUUID(ctx, uuid)
	if errors.Is(err, core.ErrNotFound) {
		return peer, forbidden(core.RegistrationRequired)
	}
	if err == nil && named {
		c.journal.called(c.account.Name, uuid)
	}
	return peer, err
}

// reader returns the peer that calls if it may read the resource, and all the
// resources that it may.
func (c *call) reader(ctx context.Context, resource core.Resource) (core.Repository, resources, error) {
	if err := checkResource(resource); err != nil {
		return core.Repository{}, nil, err
	}
	peer, err := c.peer(ctx)
	if err != nil {
		return peer, nil, c.stranger(ctx, resource, err)
	}
	if !peer.AllowPull {
		return peer, nil, forbidden(core.AcceptanceRequired)
	}
	allowed, err := c.allowed(ctx, peer)
	if err == nil && !allowed[resource] {
		err = notShared(resource)
	}
	return peer, allowed, err
}

// stranger refuses who has a login and has not registered. What nobody is given it is told:
// who sets a laptop up sees what it may choose before the first sync.
func (c *call) stranger(ctx context.Context, resource core.Resource, refusal error) error {
	shared, err := c.store.Shared(ctx)
	if err != nil {
		return err
	}
	if len(shared) > 0 && !slices.Contains(shared, resource) { // with none each peer has tasks of its own
		return notShared(resource)
	}
	return refusal
}

func notShared(resource core.Resource) error {
	return badRequest(fmt.Sprintf("%s is not shared", resource))
}

// resources are what may be exchanged with a peer.
type resources map[core.Resource]bool

// allowed returns what is shared with everybody and what the peer's own tasks
// are about; one of mode none opens nothing. Private tables are never among them.
func (c *call) allowed(ctx context.Context, peer core.Repository) (resources, error) {
	shared, err := c.store.Shared(ctx)
	if err != nil {
		return nil, err
	}
	tasks, err := c.store.Tasks(ctx, peer.ID)
	if err != nil {
		return nil, err
	}
	for _, t := range tasks {
		if t.Mode != core.ModeNone {
			shared = append(shared, t.Resource)
		}
	}
	allowed := make(resources, len(shared))
	for _, r := range shared {
		if r.Valid() && !r.Private() {
			allowed[r] = true
		}
	}
	return allowed, nil
}

// publicURL is the address under which the caller knows us, with the prefix.
func (c *call) publicURL() string {
	if c.opts.URL != "" {
		return c.opts.URL
	}
	scheme := "http://"
	if c.req.TLS != nil {
		scheme = "https://"
	}
	return scheme + c.req.Host + c.opts.Prefix
}

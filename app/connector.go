package app

import (
	"context"
	"log/slog"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/eden"
	"github.com/fieldsync/fieldsync/core/replicate"
	"github.com/fieldsync/fieldsync/storage"
)

// A connector makes peers with the passwords they need.
type connector struct {
	db      *storage.DB
	log     *slog.Logger
	options eden.Options
}

func (c connector) connect(r core.Repository, n core.Node) (replicate.Peer, error) {
	return c.peer(r, n)
}

// connectCarefully is connect for the window, which asks peers beside any run.
func (c connector) connectCarefully(r core.Repository, n core.Node) (replicate.Peer, error) {
	p, err := c.peer(r, n)
	if err != nil {
		return nil, err
	}
	return carefulPeer{p, c.log}, nil
}

func (c connector) peer(r core.Repository, n core.Node) (*eden.Peer, error) {
	if r.Proxy == "" && r.ProxyPassword == "" {
		password, err := c.db.NodeProxyPassword(context.Background())
		if err != nil {
			return nil, err
		}
		r.ProxyPassword = password
	}
	o := c.options
	o.Log, o.UserAgent = c.log, "Fieldsync/"+build.Version
	return eden.New(r, n, o)
}

func (c connector) check(ctx context.Context, r core.Repository, tasks []core.Task) ([]eden.Finding, error) {
	n, err := c.db.Node(ctx)
	if err != nil {
		return nil, err
	}
	p, err := c.peer(r, n)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	return p.Check(ctx, tasks), nil
}

func (c connector) schema(ctx context.Context, r core.Repository, resource core.Resource) (schema core.Schema, err error) {
	n, err := c.db.Node(ctx)
	if err != nil {
		return core.Schema{}, err
	}
	p, err := c.peer(r, n)
	if err != nil {
		return core.Schema{}, err
	}
	defer p.Close()
	err = core.Careful(c.log, "schema", func() (err error) {
		schema, err = p.Schema(ctx, resource)
		return err
	})
	return schema, err
}

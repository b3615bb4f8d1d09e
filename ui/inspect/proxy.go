package inspect

import (
	"context"

	"github.com/fieldsync/fieldsync/core"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/words"
)

// nowhere is an address that never leads anywhere (RFC 2606).
const nowhere = "https://fieldsync.invalid/eden"

// Proxy asks the node's proxy alone, for want of a server: whether it answers and
// takes the login.
func Proxy(ctx context.Context, connect Connect, node core.Node, password core.Secret) Check {
	c := Check{Name: tr.L("Proxy"), OK: true}
	if node.Proxy == "" || node.Proxy == core.ProxyNone || node.Proxy == core.ProxySystem {
		c.Answer = tr.L("There is no proxy to ask. Whether the way is free is seen once there is a repository.")
		return c
	}
	peer, err := connect(core.Repository{Name: node.Proxy, URL: nowhere, Proxy: node.Proxy, ProxyPassword: password}, node)
	if err == nil {
		_, err = peer.Probe(ctx)
	}
	switch problem := core.AsProblem(err); {
	case problem == nil || problem.Kind == core.Unreachable || problem.Kind == core.ServerFault:
		c.Answer = tr.L("The proxy answers and takes the login. Whether it lets you through to your server is seen once there is a repository.")
	case problem.Kind == core.ProxyWrong:
		c.OK, c.Problem, c.Answer = false, problem, tr.L("The proxy does not answer, or it refuses the login. Check its address, user name and password.")
	default:
		c.OK, c.Problem, c.Answer = false, problem, words.Message(problem)
	}
	return c
}

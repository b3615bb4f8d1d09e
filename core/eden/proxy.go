package eden

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/fieldsync/fieldsync/core"
)

// proxyFor returns the transport's proxy function: the repository's own setting,
// else the node's; "" and "none" are none, "system" is what the environment
// says.
func proxyFor(repo core.Repository, node core.Node) (func(*http.Request) (*url.URL, error), error) {
	setting := proxySetting(repo, node)
	switch setting {
	case "":
		return nil, nil
	case core.ProxySystem:
		return http.ProxyFromEnvironment, nil
	}
	u, err := core.ParseProxy(setting)
	if err != nil {
		return nil, err
	}
	if repo.ProxyPassword != "" {
		u.User = url.UserPassword(u.User.Username(), repo.ProxyPassword.Reveal())
	}
	return http.ProxyURL(u), nil
}

// proxySetting returns "", "system" or a URL.
func proxySetting(repo core.Repository, node core.Node) string {
	setting := repo.Proxy
	if setting == "" {
		setting = node.Proxy
	}
	if setting == core.ProxyNone {
		return ""
	}
	return setting
}

// A proxyRefusal is a proxy's answer to CONNECT that is not 200.
type proxyRefusal struct {
	status int
	proxy  string
}

// Error names proxy and status.
func (e *proxyRefusal) Error() string {
	return fmt.Sprintf("proxy %s answered %d %s", e.proxy, e.status, http.StatusText(e.status))
}

// checkProxyReply keeps the status of a refused CONNECT, of which the transport
// itself would leave only the words.
func checkProxyReply(_ context.Context, proxy *url.URL, _ *http.Request, resp *http.Response) error {
	if resp.StatusCode == http.StatusOK {
		return nil
	}
	return &proxyRefusal{resp.StatusCode, proxy.Host}
}

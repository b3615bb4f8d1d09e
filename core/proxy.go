package core

import (
	"net/url"
	"strings"
)

// The proxy settings that are no address.
const (
	ProxyNone   = "none"   // no proxy
	ProxySystem = "system" // as the environment says
)

// ParseProxy reads a proxy's address as a person types it: http, https or
// socks5, http if nothing is said. The settings "", ProxyNone and ProxySystem
// give nil. The Problem it returns names the setting.
func ParseProxy(setting string) (*url.URL, error) {
	switch setting {
	case "", ProxyNone, ProxySystem:
		return nil, nil
	}
	text := setting
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return nil, Invalid("proxy", "This is not the address of a proxy. An example: http://proxy.example.org:3128.")
	}
	switch u.Scheme {
	case "http", "https", "socks5", "socks5h":
		return u, nil
	}
	return nil, Invalid("proxy", "The proxy's address must begin with http://, https:// or socks5://.")
}

package diagnostics

import (
	"regexp"
	"strings"

	"github.com/fieldsync/fieldsync/core"
)

// hidden stands for what was left out.
const hidden = "***"

var (
	userinfo = regexp.MustCompile(`://[^/\s@"]+@`)
	mail     = regexp.MustCompile(`[\pL\pN._%+-]+@([\pL\pN-]+(?:\.[\pL\pN-]+)+)`)
	header   = regexp.MustCompile(`(?i)(authorization|proxy-authorization|cookie|set-cookie|password|passwd|secret|token|passcode)("?\s*[:=]\s*"?)[^\s",;]+( [A-Za-z0-9+/=._-]{8,})?`)
)

// shortSecret is below what length a secret is not looked for by itself: two or
// three letters stand everywhere.
const shortSecret = 4

// Redact takes out of text what is nobody's business: the secrets given, logins in
// addresses, whatever follows a word like "password", people's e-mail addresses
// but for their domain, and the name of the home folder.
func Redact(text, home string, secrets ...core.Secret) string {
	for _, s := range secrets {
		if len(s) >= shortSecret {
			text = strings.ReplaceAll(text, s.Reveal(), hidden)
		}
	}
	text = userinfo.ReplaceAllString(text, "://"+hidden+"@")
	text = header.ReplaceAllString(text, "$1$2"+hidden)
	text = mail.ReplaceAllString(text, hidden+"@$1")
	if len(home) > 1 {
		text = strings.ReplaceAll(text, home, "~")
	}
	return text
}

package translations

import "strconv"

// Number writes n with a narrow space between groups of three digits from 10 000
// on, which reads well in all languages.
func Number(n int) string {
	s := strconv.Itoa(n)
	if n < 10000 && n > -10000 {
		return s
	}
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	head := len(s) % 3
	out := s[:head]
	for i := head; i < len(s); i += 3 {
		if out != "" {
			out += "\u202f"
		}
		out += s[i : i+3]
	}
	return sign + out
}

package translations

import (
	"strings"

	"golang.org/x/text/number"
)

// Number writes n as the person's region does: "12,345", "12.345", "१२,३४५".
func Number(n int) string {
	return spoken().habits.printer.Sprint(number.Decimal(n))
}

// Decimal writes x with at most so many digits after the point.
func Decimal(x float64, digits int) string {
	return spoken().habits.printer.Sprint(number.Decimal(x, number.MaxFractionDigits(digits)))
}

// Size writes a number of bytes: "3.4 MB".
func Size(bytes int64) string {
	size, unit := float64(bytes), 0
	for size >= 1000 && unit < 3 {
		size, unit = size/1000, unit+1
	}
	digits := 1
	if unit == 0 || size >= 100 {
		digits = 0
	}
	d := D{"Size": Decimal(size, digits)}
	switch unit {
	case 0:
		return L("{{.Size}} bytes", d)
	case 1:
		return L("{{.Size}} kB", d)
	case 2:
		return L("{{.Size}} MB", d)
	}
	return L("{{.Size}} GB", d)
}

// Digits writes the digits of text in the person's script.
func Digits(text string) string {
	digits := spoken().habits.digits
	if digits[0] == "0" {
		return text
	}
	var b strings.Builder
	for _, c := range text {
		if c >= '0' && c <= '9' {
			b.WriteString(digits[c-'0'])
		} else {
			b.WriteRune(c)
		}
	}
	return b.String()
}

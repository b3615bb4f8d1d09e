package translations

import (
	"encoding/json"
	"strings"
)

// french keeps the signs before which French sets a blank on the line of their word.
var french = strings.NewReplacer(" ;", "\u00a0;", " :", "\u00a0:", " ?", "\u00a0?", " !", "\u00a0!", " »", "\u00a0»", "« ", "«\u00a0")

// inFrench reads texts in which nobody had to think of that.
func inFrench(data []byte, v any) error {
	if err := json.Unmarshal(data, v); err != nil {
		return err
	}
	if all, ok := v.(*any); ok {
		*all = joined(*all)
	}
	return nil
}

// joined is a text, or the forms of one, or all of them, with the blanks that join.
func joined(v any) any {
	switch v := v.(type) {
	case string:
		return french.Replace(v)
	case map[string]any:
		for key, text := range v {
			v[key] = joined(text)
		}
	}
	return v
}

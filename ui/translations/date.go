package translations

import (
	"strings"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"
)

// habits are how people of a region write numbers and times.
type habits struct {
	printer    *message.Printer
	digits     [10]string
	twelve     bool // hours count to twelve
	monthFirst bool
	weekBegins time.Weekday
}

func habitsOf(tag language.Tag) habits {
	h := habits{printer: message.NewPrinter(withDigits(tag)), weekBegins: time.Monday}
	for d := range h.digits {
		h.digits[d] = h.printer.Sprint(number.Decimal(d))
	}
	region, sure := tag.Region()
	if sure >= language.High { // guessed from the language alone: the most neutral habit
		h.twelve = strings.Contains(twelveHours, " "+region.String()+" ")
		for day, regions := range weeksBegin {
			if strings.Contains(regions, " "+region.String()+" ") {
				h.weekBegins = day
			}
		}
		base, _ := tag.Base()
		h.monthFirst = base.String() == "en" && strings.Contains(monthsFirst, " "+region.String()+" ")
	}
	return h
}

// withDigits names the digits of the language, which the library forgets as soon as
// a region is named.
func withDigits(tag language.Tag) language.Tag {
	base, _ := tag.Base()
	region, _ := tag.Region()
	digits := ""
	switch {
	case base.String() == "ne":
		digits = "deva"
	case base.String() == "ar" && !strings.Contains(westernDigits, " "+region.String()+" "):
		digits = "arab"
	default:
		return tag
	}
	named, err := tag.SetTypeForKey("nu", digits)
	if err != nil {
		return tag
	}
	return named
}

// westernDigits are the regions whose Arabic is written with European digits.
const westernDigits = ` AE DZ EH LY MA TN `

// Regions where hours count to twelve (Unicode CLDR, timeData, preferred "h"),
// and those where English puts the month first.
const (
	twelveHours = ` AE AG AU BB BD BH BM BS CA CO CY DJ DM DO DZ EG ER ET FJ FM GD GH GM GR GU GY HK IN IQ JM JO KH KI KN KR KW KY LB LC LR LY MH MO MP MR MW MY ` +
		`NZ OM PA PG PH PK PR PS PW QA SA SB SD SG SL SO SS SV SY SZ TC TD TN TO TT TW US VC VE VG VI VU WS YE ZM `
	monthsFirst = ` US PH FM GU MH MP PW PR AS VI `
)

// weeksBegin are the regions whose week does not begin on Monday (Unicode CLDR,
// weekData).
var weeksBegin = map[time.Weekday]string{
	time.Friday:   ` MV `,
	time.Saturday: ` AE AF BH DJ DZ EG IQ IR JO KW LY OM QA SD SY `,
	time.Sunday: ` AG AS BD BR BS BT BW BZ CA CO DM DO ET GT GU HK HN ID IL IN JM JP KE KH KR LA MH MM MO MT MX MZ NI NP PA PE PH PK PR PT PY SA SG SV TH TT TW ` +
		`UM US VE VI WS YE ZA ZW `,
}

// Clock writes the time of day: "14:03", "2:03 PM".
func Clock(t time.Time) string {
	if !spoken().habits.twelve {
		return Digits(t.Format("15:04"))
	}
	d := D{"Time": Digits(t.Format("3:04"))}
	if t.Hour() < 12 {
		return L("{{.Time}} AM", d)
	}
	return L("{{.Time}} PM", d)
}

// Day writes a day of this year: "12 Mar".
func Day(t time.Time) string {
	d := D{"Day": Digits(t.Format("2")), "Month": month(t.Month())}
	if spoken().habits.monthFirst {
		return t.Format("Jan 2")
	}
	return L("{{.Day}} {{.Month}}", d)
}

// DayYear writes a day with its year: "12 Mar 2024".
func DayYear(t time.Time) string {
	d := D{"Day": Digits(t.Format("2")), "Month": month(t.Month()), "Year": Digits(t.Format("2006"))}
	if spoken().habits.monthFirst {
		return t.Format("Jan 2, 2006")
	}
	return L("{{.Day}} {{.Month}} {{.Year}}", d)
}

// MonthYear writes a month: "Mar 2024".
func MonthYear(t time.Time) string {
	return L("{{.Month}} {{.Year}}", D{"Month": month(t.Month()), "Year": Digits(t.Format("2006"))})
}

// ShortWeekday is a day's name as it stands above a calendar: "Mon".
func ShortWeekday(d time.Weekday) string {
	return L(strings.ToLower(d.String()) + ".short")
}

// FirstWeekday is the day on which the person's week begins.
func FirstWeekday() time.Weekday { return spoken().habits.weekBegins }

// month is a month's short name.
func month(m time.Month) string {
	return [...]string{L("Jan"), L("Feb"), L("Mar"), L("Apr"), L("May"), L("Jun"), L("Jul"), L("Aug"), L("Sep"), L("Oct"), L("Nov"), L("Dec")}[m-1]
}

package practice

// A people is a group of names in one script. All persons here are invented.
type people struct {
	given  []string
	family []string
	female int // how many of given, from the first, are women's names
}

var peoples = []people{
	{female: 7,
		given:  []string{"Zoë", "Šárka", "Inês", "Þórdís", "Çağla", "Hương", "Małgorzata", "José", "Łukasz", "Søren", "Gáspár", "Jürgen", "Ștefan"},
		family: []string{"Ångström", "Peña", "Żółkiewska", "Dvořák", "Yıldız", "Nguyễn", "Gonçalves", "Müller", "Õunapuu", "Țurcanu", "Børresen", "Kovács"}},
	{female: 4,
		given:  []string{"أمينة", "ليلى", "سارة", "هدى", "كريم", "يوسف", "طارق", "عمر"},
		family: []string{"الحداد", "النجار", "منصور", "البستاني", "الخوري", "السعدي", "الزين"}},
	{female: 4,
		given:  []string{"सुनीता", "अनीता", "प्रिया", "कमला", "राजेश", "विकास", "अर्जुन", "दीपक"},
		family: []string{"शर्मा", "गुरुङ", "तामाङ", "वर्मा", "श्रेष्ठ", "जोशी", "थापा"}},
	{female: 4,
		given:  []string{"Олена", "Марія", "Наталья", "Ірина", "Андрій", "Дмитрий", "Василь", "Сергій"},
		family: []string{"Коваленко", "Шевчук", "Бондар", "Мельник", "Ткаченко", "Лысенко"}},
	{female: 3,
		given:  []string{"美玲", "秀英", "雅婷", "伟", "志强", "建国"},
		family: []string{"王", "李", "张", "陈", "赵", "林"}},
	{female: 3,
		given:  []string{"အေးအေး", "သန္တာ", "ခင်မြင့်", "အောင်ကျော်", "မင်းသူ", "ဇော်လင်း"},
		family: []string{"မောင်", "ဝင်း", "ထွန်း", "လှိုင်", "စိုး"}},
}

// The country is invented too; its towns have names in the scripts of those
// who founded them.
var country = province{name: "Talvania", lat: -4.2, lon: 61.5, below: []province{
	{name: "Costa Verde", lat: -4.9, lon: 60.8, below: []province{
		{name: "Distrito do Porto", lat: -5.1, lon: 60.6, below: towns("Água Doce", "São Lourenço", "Praia das Conchas")},
		{name: "Serra Alta", lat: -4.8, lon: 60.9, below: towns("Três Pontes", "Vila Açude", "Pedra Lisa")},
		{name: "Ilha do Farol", lat: -5.3, lon: 60.4, below: towns("Farol", "Enseada")}}},
	{name: "المروج", lat: -3.6, lon: 61.0, below: []province{
		{name: "وادي الزيتون", lat: -3.5, lon: 60.9, below: towns("عين الريم", "تل القمح", "باب الوادي")},
		{name: "جبل النسيم", lat: -3.4, lon: 61.2, below: towns("نبع الصفا", "دير الغيم")},
		{name: "ساحل المرجان", lat: -3.8, lon: 61.3, below: towns("مرسى اللؤلؤ", "رأس النورس", "قرية الملح")}}},
	{name: "Північний край", lat: -3.9, lon: 62.2, below: []province{
		{name: "Озерний район", lat: -3.8, lon: 62.1, below: towns("Синє Озеро", "Калинівка-на-Талві", "Вербове")},
		{name: "Лісовий район", lat: -3.7, lon: 62.4, below: towns("Дубрава", "Смерекове")},
		{name: "Степной район", lat: -4.0, lon: 62.5, below: towns("Ковыльное", "Белый Яр", "Заречье")}}},
	{name: "सूर्य घाटी", lat: -4.7, lon: 62.0, below: []province{
		{name: "हिमपथ", lat: -4.6, lon: 62.2, below: towns("देवधारा", "नीलकुण्ड")},
		{name: "ရွှေကုန်း", lat: -4.9, lon: 62.3, below: towns("မြစ်ဆုံ", "ပန်းတော", "ရေကြည်")},
		{name: "竹溪", lat: -5.0, lon: 61.8, below: towns("青石镇", "白鹭滩", "南桥")}}},
}}

// A province is a place with the places below it.
type province struct {
	name     string
	lat, lon float64
	below    []province
}

func towns(names ...string) []province {
	all := make([]province, len(names))
	for i, name := range names {
		all[i].name = name
	}
	return all
}

var (
	organisationTypes = []string{"National Society", "International NGO", "National NGO", "Government", "UN Agency", "Academic"}
	sectors           = [][2]string{{"Camp Coordination", "CCCM"}, {"Education", "EDU"}, {"Food Security", "FS"}, {"Health", "HLT"},
		{"Logistics", "LOG"}, {"Protection", "PRO"}, {"Shelter", "SHL"}, {"Water, Sanitation & Hygiene", "WASH"}}
	shelterTypes = []string{"School", "Community hall", "Tented camp", "Place of worship", "Sports centre"}
	jobTitles    = []string{"Country Director", "Programme Manager", "Field Coordinator", "Nurse", "Doctor", "Logistician",
		"Driver", "Water Engineer", "Radio Operator", "Warehouse Keeper", "Interpreter", "Volunteer"}

	// organisations: name, acronym, year of foundation
	organisations = []struct {
		name, acronym string
		year          int
	}{
		{"Talvanian Relief Society", "TRS", 1921}, {"Mãos Unidas da Costa", "MUC", 1987}, {"جمعية نبع الأمل", "NAA", 1994},
		{"Спілка Добра Справа", "СДС", 2002}, {"सहयोग नेपथ्य समाज", "SNS", 2009}, {"青石互助会", "QHZ", 2011},
		{"မေတ္တာ လက်တွဲ အသင်း", "MLA", 2013}, {"Médecins du Large", "MDL", 1979}, {"Brücke & Söhne Nothilfe", "BSN", 1999},
		{"Wasser für Täler e. V.", "WfT", 2005}, {"Talvania Ministry of Civil Protection", "MCP", 1962}, {"Provincial Health Office", "PHO", 1968},
		{"Institute of Hydrology \"Ríos & Costas\"", "IHRC", 1955}, {"Łąka Aid", "ŁA", 2015}, {"Islands Logistics Pool", "ILP", 2010},
		{"Réseau des Écoles Sûres", "RES", 2016}, {"Open Roads <Talvania>", "ORT", 2018}, {"Night Shift Volunteers", "NSV", 2020},
	}
)

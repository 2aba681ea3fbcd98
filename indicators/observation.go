package indicators

import (
	"math/big"
	"slices"
	"strconv"
	"strings"

	"chohue/market"
)

// observation is one published figure, or the place of one that is not, the way
// statistics are exchanged: everything that it is about in columns of codes.
type observation struct {
	Freq    string
	Area    string // 46 the city, D474 a former district, W19753 a ward
	Product string // I1 an industry, S9 a product set
	Channel string
	Dest    string
	Pay     string
	Star    string
	Seller  string
	Measure string
	Period  string
	Value   string // a decimal number; empty when hidden or unknown
	Unit    string
	Status  string // OBS_STATUS: A normal, Q suppressed, M missing
	Conf    string // CONF_STATUS: F free, C confidential
	Rev     int
}

// The columns of every flat format, dimensions first.
var (
	dimensionColumns = []string{"FREQ", "REF_AREA", "OCOP_PRODUCT", "CHANNEL", "DEST_AREA", "PAY_METHOD", "STAR", "SELLER_TYPE", "MEASURE"}
	attributeColumns = []string{"UNIT_MEASURE", "OBS_STATUS", "CONF_STATUS", "REVISION"}
)

func columns() []string {
	return slices.Concat(dimensionColumns, []string{"TIME_PERIOD", "OBS_VALUE"}, attributeColumns)
}

func (o *observation) dimensions() []string {
	return []string{o.Freq, o.Area, o.Product, o.Channel, o.Dest, o.Pay, o.Star, o.Seller, o.Measure}
}

func (o *observation) attributes() []string {
	return []string{o.Unit, o.Status, o.Conf, strconv.Itoa(o.Rev)}
}

func (o *observation) row() []string {
	return slices.Concat(o.dimensions(), []string{o.Period, o.Value}, o.attributes())
}

// The measures of cells, beside which stand the indicators in capitals.
const (
	measureValue = "NET_VALUE"
	measureLines = "LINES"
)

// Units, as codes.
const (
	unitDong    = "VND"
	unitNumber  = "NUMBER"
	unitPercent = "PERCENT"
	unitMinutes = "MINUTES"
)

// observations lists a release, cells first, in the order of their keys.
func (s *Service) observations(r *Release) []observation {
	var all []observation
	for _, c := range r.Cells {
		o := blank(r)
		o.place(c)
		if c.Hidden {
			o.Status, o.Conf = "Q", "C"
		}
		for m, n := range []int64{c.Value, c.Lines} {
			one := o
			one.Measure, one.Unit = []string{measureValue, measureLines}[m], []string{unitDong, unitNumber}[m]
			if !c.Hidden {
				one.Value = strconv.FormatInt(n, 10)
			}
			all = append(all, one)
		}
	}
	for _, f := range r.Figures {
		all = append(all, figureObservation(r, f))
	}
	return all
}

func blank(r *Release) observation {
	return observation{
		Freq: frequency(r.Period), Area: market.HueProvince, Product: allCodes, Channel: allCodes, Dest: allCodes, Pay: allCodes,
		Star: allCodes, Seller: allCodes, Period: r.Period, Status: "A", Conf: "F", Rev: r.Revision,
	}
}

func frequency(period string) string {
	switch {
	case strings.Contains(period, "Q"):
		return "Q"
	case len(period) == len(monthForm):
		return "M"
	default:
		return "A"
	}
}

// place writes what the cell is about into the columns.
func (o *observation) place(c ReleasedCell) {
	code := strings.ToUpper(c.Code())
	switch c.Table() {
	case TableDistrict:
		o.Area = "D" + code
	case TableWard:
		o.Area = "W" + code
	case TableIndustry:
		o.Product = "I" + code
	case TableSet:
		o.Product = "S" + code
	case TableChannel:
		o.Channel = code
	case TableDestination:
		o.Dest = code
	case TablePay:
		o.Pay = code
	case TableStars:
		o.Star = code
	case TableKind:
		o.Seller = code
	case TableCross:
		district, industry, _ := strings.Cut(code, "/")
		o.Area, o.Product = "D"+district, "I"+industry
	}
}

func figureObservation(r *Release, f ReleasedFigure) observation {
	o := blank(r)
	o.Measure, o.Unit = strings.ToUpper(f.Code), unitOf(f.Code)
	switch {
	case f.Hidden:
		o.Status, o.Conf = "Q", "C"
	case f.Unknown:
		o.Status = "M"
	case o.Unit == unitPercent:
		o.Value = Percent(f.Value, f.Of)
	default:
		o.Value = strconv.FormatInt(f.Value, 10)
	}
	return o
}

// Percent writes part of whole in percent with two decimals, rounded half away
// from zero.
func Percent(part, whole int64) string {
	return big.NewRat(0, 1).Mul(big.NewRat(part, whole), big.NewRat(100, 1)).FloatString(2)
}

func unitOf(code string) string {
	switch {
	case strings.HasSuffix(code, "_vnd"):
		return unitDong
	case strings.HasSuffix(code, "_share"), strings.HasSuffix(code, "_rate"):
		return unitPercent
	case strings.HasSuffix(code, "_minutes"):
		return unitMinutes
	default:
		return unitNumber
	}
}

// codeLists name every code of every column, in both languages; columns of
// which the codes are the words have none.
func (s *Service) codeLists() map[string][]Code {
	text := func(vi, en string) market.Text { return market.Text{VI: vi, EN: en} }
	all := Code{allCodes, text("Tất cả", "Total")}
	lists := map[string][]Code{
		"FREQ":        {{"M", text("Tháng", "Monthly")}, {"Q", text("Quý", "Quarterly")}, {"A", text("Năm", "Annual")}},
		"DEST_AREA":   {all, {DestHue, text("Trong thành phố Huế", "Within Huế")}, {DestVN, text("Tỉnh, thành khác", "Other provinces")}, {DestAbroad, text("Nước ngoài", "Abroad")}},
		"PAY_METHOD":  {all, {PayCash, text("Tiền mặt khi nhận hàng", "Cash on delivery")}, {PayCashless, text("Không dùng tiền mặt", "Cashless")}},
		"STAR":        {all, {"0", text("Không có chứng nhận", "Not certified")}, {"3", text("3 sao", "3 stars")}, {"4", text("4 sao", "4 stars")}, {"5", text("5 sao", "5 stars")}},
		"SELLER_TYPE": {all, {"HTX", text("Hợp tác xã", "Cooperative")}, {"TO_HOP_TAC", text("Tổ hợp tác", "Cooperative group")}, {"HO_KINH_DOANH", text("Hộ kinh doanh", "Household business")}, {"COMPANY", text("Doanh nghiệp", "Company")}},
		"OBS_STATUS":  {{"A", text("Bình thường", "Normal")}, {"Q", text("Không công bố", "Suppressed")}, {"M", text("Không có số liệu", "Missing")}},
		"CONF_STATUS": {{"F", text("Công khai", "Free")}, {"C", text("Bảo mật thống kê", "Confidential")}},
		"UNIT_MEASURE": {
			{unitDong, text("đồng", "Vietnamese đồng")}, {unitNumber, text("số đếm", "Number")}, {unitPercent, text("phần trăm", "Percent")}, {unitMinutes, text("phút", "Minutes")},
		},
	}
	lists["CHANNEL"] = []Code{all}
	for _, c := range []string{"store", "livestream", "social", "preorder"} {
		lists["CHANNEL"] = append(lists["CHANNEL"], Code{strings.ToUpper(c), ChannelName(c)})
	}
	lists["REF_AREA"], lists["OCOP_PRODUCT"] = s.areaCodes(), s.productCodes()
	lists["MEASURE"] = []Code{{measureValue, text("Giá trị giao ròng", "Net value delivered")}, {measureLines, text("Dòng hàng đã giao", "Lines delivered")}}
	for _, i := range Indicators() {
		if !slices.Contains(unreleased, i.Code) {
			lists["MEASURE"] = append(lists["MEASURE"], Code{strings.ToUpper(i.Code), i.Name})
		}
	}
	return lists
}

// Code is a code with its name.
type Code struct {
	ID   string
	Name market.Text
}

func both(name string) market.Text { return market.Text{VI: name, EN: name} }

func (s *Service) areaCodes() []Code {
	codes := []Code{{market.HueProvince, both("Thành phố Huế")}}
	for _, d := range s.districts.all {
		codes = append(codes, Code{"D" + d.Code, market.Text{VI: d.Name + " (cũ)", EN: d.Name + " (former)"}})
		for _, w := range d.Wards {
			codes = append(codes, Code{"W" + w, both(s.areas.Name(w))})
		}
	}
	return codes
}

func (s *Service) productCodes() []Code {
	codes := []Code{{allCodes, market.Text{VI: "Tất cả", EN: "Total"}}}
	for i, name := range s.industries() {
		codes = append(codes, Code{"I" + strconv.Itoa(i+1), both(name)})
	}
	for _, set := range s.sets.All() {
		codes = append(codes, Code{"S" + strconv.Itoa(set.Number), set.Name})
	}
	return codes
}

// listed are a column's codes with those that only this release has.
func listed(codes []Code, all []observation, value func(*observation) string) []Code {
	out := slices.Clone(codes)
	for i := range all {
		id := value(&all[i])
		if !slices.ContainsFunc(out, func(c Code) bool { return c.ID == id }) {
			out = append(out, Code{id, both(id)})
		}
	}
	return out
}

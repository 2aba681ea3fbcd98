package indicators

import "chohue/market"

// Measure says what a column of a table means, so that an official can defend
// the figure.
type Measure struct {
	Code    string // the column in every export
	Name    market.Text
	Unit    market.Text
	Formula market.Text
	Source  market.Text
	Legal   market.Text // which statistics it is an input of
}

// Measures lists the measures in the order of a table's columns. None of them
// is a share of gross regional product: turnover is not value added.
func Measures() []Measure {
	of := func(code string, name, unit, formula market.Text) Measure {
		return Measure{Code: code, Name: name, Unit: unit, Formula: formula, Source: fromFacts, Legal: legalInput}
	}
	text := func(vi, en string) market.Text { return market.Text{VI: vi, EN: en} }
	return []Measure{
		of("value_vnd", text("Giá trị hàng đã giao", "Value delivered"), text("đồng", "đồng"),
			text("Tổng (giá niêm yết khi mua × số lượng) trừ phần hoàn lại cho người mua khi trả hàng, không gồm phí giao hàng", "Sum of (listed price at sale × quantity) less what buyers got back for returns, shipping left out")),
		of("orders", text("Đơn hàng", "Orders"), text("đơn", "orders"),
			text("Số đơn khác nhau có hàng đã giao trong ô", "Distinct orders with goods delivered in the cell")),
		of("lines", text("Dòng hàng", "Lines"), text("dòng", "lines"),
			text("Số dòng hàng đã giao", "Lines delivered")),
		of("units", text("Số lượng bán", "Units sold"), text("đơn vị bán", "sales units"),
			text("Tổng số lượng theo đơn vị bán", "Sum of quantities in the unit of sale")),
		of("grams", text("Khối lượng", "Weight"), text("gam", "grams"),
			text("Tổng khối lượng của hàng bán theo cân", "Sum over goods that are sold by weight")),
		of("pieces", text("Số cái", "Pieces"), text("cái", "pieces"),
			text("Tổng số cái của hàng bán theo chiếc", "Sum over goods that are sold by the piece")),
		of("sellers", text("Chủ thể bán hàng", "Sellers"), text("chủ thể", "sellers"),
			text("Số người bán khác nhau có hàng đã giao; một hợp tác xã tính một lần", "Distinct sellers with goods delivered; a cooperative counts once")),
	}
}

// ChannelName is how people call a channel.
func ChannelName(channel string) market.Text {
	if name, ok := channelNames[channel]; ok {
		return name
	}
	return market.Text{VI: channel}
}

var channelNames = map[string]market.Text{
	"store":      {VI: "Trên sàn", EN: "Marketplace"},
	"livestream": {VI: "Livestream", EN: "Livestream"},
	"social":     {VI: "Liên kết mạng xã hội", EN: "Social links"},
	"preorder":   {VI: "Đặt trước mùa vụ", EN: "Harvest pre-order"},
}

package indicators

import "chohue/market"

// Indicator is a measure that is shown and published, with how it is reckoned
// from a period.
type Indicator struct {
	Measure
	Share bool // Of is part of the figure: it is shown in percent
	of    func(*Overview) Figure
}

// Figure is the value of an indicator: Value, or Value of Of.
type Figure struct {
	Value, Of int64
	Unknown   bool // nothing in the period to reckon it from
}

// Figure reckons the indicator.
func (i Indicator) Figure(o *Overview) Figure {
	f := i.of(o)
	f.Unknown = f.Unknown || i.Share && f.Of <= 0
	return f
}

// sideValue sums one side, of the codes that count.
func (o *Overview) sideValue(side string, counts func(code string) bool) int64 {
	sum := int64(0)
	for _, c := range o.Sides[side] {
		if counts(c.Code) {
			sum += int64(c.Value)
		}
	}
	return sum
}

func (o *Overview) channelValue(channel string) int64 {
	sum := int64(0)
	for _, c := range o.Margins[ByChannel] {
		if c.Channel == channel {
			sum += int64(c.Value)
		}
	}
	return sum
}

func (o *Overview) share(part int64) Figure { return Figure{Value: part, Of: int64(o.Total.Value)} }

// splitShare is the share of one of the splits, known only where sides are.
func (o *Overview) splitShare(code string) Figure {
	split := splits[code]
	f := o.share(o.sideValue(split.side, split.in))
	f.Unknown = o.Sides == nil
	return f
}

// CashOnDelivery is the one way of paying that is not cashless.
const CashOnDelivery = "cod"

// words of the indicators that several share.
var (
	fromFacts = market.Text{
		VI: "Dòng hàng của kiện đã giao trên sàn, theo ngày giao tại Huế (Asia/Ho_Chi_Minh)",
		EN: "Lines of parcels delivered through the marketplace, by date of delivery in Huế (Asia/Ho_Chi_Minh)",
	}
	fromTallies = market.Text{
		VI: "Đơn hàng và khiếu nại ghi trên sàn, theo ngày phát sinh tại Huế",
		EN: "Orders and complaints noted by the marketplace, by date in Huế",
	}
	fromCensus = market.Text{
		VI: "Sổ đăng ký người bán, hàng đăng và chứng nhận, kiểm đếm cuối tháng",
		EN: "Registers of sellers, listings and certificates, counted at the end of the month",
	}
	legalInput = market.Text{
		VI: "Số liệu đầu vào cho nhóm chỉ tiêu kinh tế số của Thông tư 13/2021/TT-BKHĐT và Quyết định 05/2023/QĐ-TTg; không phải tỷ trọng trong GRDP",
		EN: "Input for the digital-economy indicators of Circular 13/2021/TT-BKHĐT and Decision 05/2023/QĐ-TTg; not a share of GRDP",
	}
	legalPromise = market.Text{
		VI: "Cam kết của chương trình chuyển đổi số thành phố về bán nông sản trên mạng trong và ngoài tỉnh; không phải tỷ trọng trong GRDP",
		EN: "Promise of the city's digital programme on selling farm goods online inside and outside the province; not a share of GRDP",
	}
	unitVND   = market.Text{VI: "đồng", EN: "đồng"}
	unitShare = market.Text{VI: "%", EN: "%"}
)

// Indicators lists every indicator in the order in which they are explained.
// None of them is a share of gross regional product: turnover is not value
// added.
func Indicators() []Indicator {
	text := func(vi, en string) market.Text { return market.Text{VI: vi, EN: en} }
	amount := func(code string, name, unit, formula, source market.Text, of func(*Overview) int64) Indicator {
		return Indicator{
			Measure: Measure{Code: code, Name: name, Unit: unit, Formula: formula, Source: source, Legal: legalInput},
			of:      func(o *Overview) Figure { return Figure{Value: of(o)} },
		}
	}
	share := func(code string, name, formula, source, legal market.Text, of func(*Overview) Figure) Indicator {
		return Indicator{Measure: Measure{Code: code, Name: name, Unit: unitShare, Formula: formula, Source: source, Legal: legal}, Share: true, of: of}
	}
	things := func(vi, en string) market.Text { return text(vi, en) }
	return []Indicator{
		amount("confirmed_vnd", text("Giá trị đặt hàng", "Value confirmed"), unitVND,
			text("Tổng tiền hàng của các kiện thuộc đơn đã xác nhận, theo ngày đặt", "Sum of goods in parcels of confirmed orders, by the day of placing"), fromTallies,
			func(o *Overview) int64 { return int64(o.Confirmed) }),
		amount("delivered_vnd", text("Giá trị hàng đã giao (gộp)", "Gross value delivered"), unitVND,
			text("Tổng (giá khi mua × số lượng − giảm giá) của hàng đã giao, chưa trừ hàng trả, không gồm thuế và phí giao", "Sum of (price at sale × quantity − discount) of goods delivered, returns not taken off, without tax and shipping"), fromFacts,
			func(o *Overview) int64 { return int64(o.Total.Gross) }),
		amount("value_vnd", text("Giá trị giao ròng", "Net value delivered"), unitVND,
			text("Giá trị hàng đã giao trừ tiền hàng hoàn lại khi trả hàng, ghi vào ngày giao", "Gross value delivered less what buyers got back for returned goods, at the day of delivery"), fromFacts,
			func(o *Overview) int64 { return int64(o.Total.Value) }),
		amount("orders", text("Đơn hàng", "Orders"), things("đơn", "orders"),
			text("Số đơn khác nhau có hàng đã giao", "Distinct orders with goods delivered"), fromFacts,
			func(o *Overview) int64 { return o.Total.Orders }),
		amount("lines", text("Dòng hàng", "Lines"), things("dòng", "lines"),
			text("Số dòng hàng đã giao", "Lines delivered"), fromFacts, func(o *Overview) int64 { return o.Total.Lines }),
		amount("units", text("Số lượng bán", "Units sold"), things("đơn vị bán", "sales units"),
			text("Tổng số lượng theo đơn vị bán, trừ hàng trả", "Sum of quantities in the unit of sale, less returns"), fromFacts,
			func(o *Overview) int64 { return o.Total.Units }),
		amount("grams", text("Khối lượng", "Weight"), things("gam", "grams"),
			text("Tổng khối lượng của hàng bán theo cân, trừ hàng trả", "Sum over goods that are sold by weight, less returns"), fromFacts,
			func(o *Overview) int64 { return o.Total.Grams }),
		amount("pieces", text("Số cái", "Pieces"), things("cái", "pieces"),
			text("Tổng số cái của hàng bán theo chiếc, trừ hàng trả", "Sum of pieces of goods that are sold by the piece, less returns"), fromFacts,
			func(o *Overview) int64 { return o.Total.Pieces }),
		amount("sellers", text("Chủ thể bán hàng có giao dịch", "Active sellers"), things("chủ thể", "sellers"),
			text("Số pháp nhân khác nhau có hàng đã giao; các tài khoản cùng mã số thuế tính một lần", "Distinct legal persons with goods delivered; accounts with one tax code count once"), fromFacts,
			func(o *Overview) int64 { return int64(o.Total.Sellers) }),
		amount("new_sellers", text("Chủ thể bán hàng mới", "New sellers"), things("chủ thể", "sellers"),
			text("Số chủ thể giao hàng trong kỳ mà chưa từng giao trước kỳ", "Sellers who delivered in the period and never before it"), fromFacts,
			func(o *Overview) int64 { return o.NewSellers }),
		amount("listings", text("Mặt hàng đang bán", "Listings"), things("mặt hàng", "listings"),
			text("Số mặt hàng hiện trên sàn khi kiểm đếm", "Listings in the shop when counted"), fromCensus,
			func(o *Overview) int64 { return o.Census.Listings }),
		amount("buyers", text("Người mua", "Buyers"), things("người", "buyers"),
			text("Số người mua khác nhau có hàng đã giao; mỗi đơn của khách không đăng nhập tính một người", "Distinct buyers with goods delivered; each order of a guest counts as one"), fromFacts,
			func(o *Overview) int64 { return o.Total.Buyers }),
		{
			Measure: Measure{
				Code: "average_order_vnd", Name: text("Giá trị bình quân một đơn", "Average order"), Unit: unitVND,
				Formula: text("Giá trị giao ròng chia cho số đơn, làm tròn xuống đồng", "Net value delivered divided by orders, cut to whole đồng"), Source: fromFacts, Legal: legalInput,
			},
			of: func(o *Overview) Figure {
				if o.Total.Orders == 0 {
					return Figure{Unknown: true}
				}
				return Figure{Value: int64(o.Total.Value) / o.Total.Orders}
			},
		},
		share("refund_rate", text("Tỷ lệ hoàn trả", "Refund rate"),
			text("Tiền hàng hoàn lại chia cho giá trị hàng đã giao (gộp)", "Goods paid back divided by gross value delivered"), fromFacts, legalInput,
			func(o *Overview) Figure {
				return Figure{Value: int64(o.Total.Gross - o.Total.Value), Of: int64(o.Total.Gross)}
			}),
		share("cashless_share", text("Tỷ trọng không dùng tiền mặt", "Cashless share"),
			text("Giá trị giao ròng không trả tiền khi nhận hàng, chia cho giá trị giao ròng", "Net value not paid in cash on delivery, divided by net value delivered"), fromFacts, legalInput,
			func(o *Overview) Figure { return o.splitShare("cashless_share") }),
		share("livestream_share", text("Tỷ trọng qua livestream", "Livestream share"),
			text("Giá trị giao ròng của dòng hàng đến từ phiên livestream, chia cho giá trị giao ròng", "Net value of lines that a livestream led to, divided by net value delivered"), fromFacts, legalInput,
			func(o *Overview) Figure { return o.share(o.channelValue("livestream")) }),
		share("out_of_province_share", text("Tỷ trọng bán ra ngoài tỉnh", "Out-of-province share"),
			text("Giá trị giao ròng đến người mua ở tỉnh, thành khác trong nước, chia cho giá trị giao ròng", "Net value delivered to other provinces of the country, divided by net value delivered"), fromFacts, legalPromise,
			func(o *Overview) Figure { return o.splitShare("out_of_province_share") }),
		share("in_province_share", text("Tỷ trọng bán trong tỉnh", "In-province share"),
			text("Giá trị giao ròng đến người mua tại Huế, chia cho giá trị giao ròng", "Net value delivered within Huế, divided by net value delivered"), fromFacts, legalPromise,
			func(o *Overview) Figure { return o.splitShare("in_province_share") }),
		share("foreign_share", text("Tỷ trọng bán ra nước ngoài", "Foreign share"),
			text("Giá trị giao ròng đến địa chỉ ngoài Việt Nam, chia cho giá trị giao ròng", "Net value delivered outside Vietnam, divided by net value delivered"), fromFacts, legalInput,
			func(o *Overview) Figure { return o.splitShare("foreign_share") }),
		share("on_time_share", text("Tỷ lệ giao cho vận chuyển đúng hẹn", "On-time share"),
			text("Số kiện rời người bán không muộn hơn giờ hẹn khi mua, chia cho số kiện đã giao có giờ hẹn", "Parcels that left their seller by the time promised at the sale, divided by delivered parcels with such a promise"), fromFacts, legalInput,
			func(o *Overview) Figure { return Figure{Value: o.Kept, Of: o.Promised} }),
		share("complaint_rate", text("Tỷ lệ khiếu nại", "Complaint rate"),
			text("Số khiếu nại về kiện hàng lập trong kỳ, chia cho số kiện của đơn đã xác nhận đặt trong kỳ", "Complaints about parcels made in the period, divided by parcels of confirmed orders placed in the period"), fromTallies, legalInput,
			func(o *Overview) Figure { return Figure{Value: o.Complaints, Of: o.Parcels} }),
		amount("farmer_households", text("Nông dân bán hàng trên sàn", "Farmers selling online"), things("người", "farmers"),
			text("Số nông dân thuộc người bán đang có mặt hàng trên sàn", "Farmers who belong to a seller with a listing"), fromCensus,
			func(o *Overview) int64 { return o.Census.Households }),
		share("certified_share", text("Tỷ trọng hàng có chứng nhận OCOP", "Certified share"),
			text("Giá trị giao ròng của hàng có chứng nhận OCOP còn hiệu lực khi bán, chia cho giá trị giao ròng", "Net value of goods with an OCOP certificate valid at the sale, divided by net value delivered"), fromFacts, legalInput,
			func(o *Overview) Figure { return o.share(int64(o.Total.Certified)) }),
		amount("cooperatives_online", text("Hợp tác xã, tổ hợp tác trên sàn", "Cooperatives online"), things("đơn vị", "cooperatives"),
			text("Số hợp tác xã và tổ hợp tác đang có mặt hàng trên sàn", "Cooperatives and cooperative groups with a listing"), fromCensus,
			func(o *Overview) int64 { return o.Census.Co }),
		amount("ocop_products_online", text("Sản phẩm OCOP trên sàn", "OCOP products online"), things("sản phẩm", "products"),
			text("Số mặt hàng trên sàn có chứng nhận OCOP còn hiệu lực", "Listings with a valid OCOP certificate"), fromCensus,
			func(o *Overview) int64 { return o.Census.Certified }),
		{
			Measure: Measure{
				Code: "first_listing_minutes", Name: text("Thời gian từ đăng nhập đến mặt hàng đầu tiên", "Time to first listing"), Unit: text("phút", "minutes"),
				Formula: text("Trung vị số phút từ lần đăng nhập đầu của người đăng đến khi mặt hàng đầu tiên của họ lên sàn", "Median minutes from a lister's first sign-in to their first listing"), Source: fromCensus, Legal: legalPromise,
			},
			of: func(o *Overview) Figure {
				return Figure{Value: o.Census.FirstMinutes, Unknown: o.Census.FirstMinutes == 0}
			},
		},
	}
}

// Domestic reports whether a destination is a province of Vietnam; facts before
// provinces were noted have none and are at home too.
func Domestic(code string) bool { return code == "" || len(code) == 2 }

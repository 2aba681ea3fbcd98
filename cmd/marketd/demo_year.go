package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"chohue/catalog"
	"chohue/cooperatives"
	"chohue/livestream"
	"chohue/market"
	"chohue/orders"
)

// yearMonths is how many months before the present one the neighbours traded:
// a year and the same month of the year before it, but not before the law
// under which the market works.
const yearMonths = 14

// lawful is a day on which all rules of the market are in force.
func lawful() time.Time { return time.Date(2026, time.July, 2, 8, 0, 0, 0, market.HueZone) }

// yearBegan is when the neighbours began to trade.
func yearBegan(end time.Time) time.Time {
	if begin := end.AddDate(0, -yearMonths, 0); begin.After(lawful()) {
		return begin
	}
	return lawful()
}

// neighbour is a seller of the past year that shares a village with others, so
// that statistics have cells that can be told.
type neighbour struct {
	id      market.ID
	variant market.ID
	product market.ID
	code    string // of a link to its goods; empty without
	size    float64
}

// year plays the trade of the neighbours by the same doors as everything else:
// sellers register, list, sell by the store and by links, pack, hand over and
// deliver. Afterwards their goods are withdrawn, for they have no pictures.
// Days stand still while their orders are placed side by side.
func (s *seeder) year(ctx context.Context, begin, end time.Time) error {
	*s.clock = begin
	y := &year{seeder: s, dice: rand.New(rand.NewPCG(20251001, 46)), end: end}
	if err := y.settle(ctx); err != nil {
		return err
	}
	for day := begin.AddDate(0, 0, 3); day.Before(end.AddDate(0, 0, -9)); day = day.AddDate(0, 0, 13) {
		if err := y.fair(ctx, day); err != nil {
			return fmt.Errorf("%s: %w", day.Format(time.DateOnly), err)
		}
	}
	*s.clock = end.AddDate(0, 0, -1)
	if err := side(len(y.all), func(i int) error {
		_, err := s.house.catalog.Withdraw(ctx, s.staff, y.all[i].product)
		return err
	}); err != nil {
		return err
	}
	return s.house.relay.Drain(ctx)
}

type year struct {
	*seeder
	dice   *rand.Rand
	end    time.Time
	all    []neighbour
	fairs  int
	counts int // of months whose census was taken
}

// villages are the neighbours' goods, four sellers each. Names of people are
// made up of the commonest.
const villages = `ward,set,goods,unit,grams,price
19813,21,Hương trầm Thuỷ Xuân,bó,400,45000
19813,7,Mứt thanh trà,hộp,300,85000
19900,9,Nước mắm Thuận An,chai,750,95000
19900,8,Cá khô Thuận An,gói,500,140000
19909,21,Hoa giấy Thanh Tiên,cặp,200,60000
19930,6,Bún tươi phơi khô Mỹ Thượng,gói,500,38000
19753,7,Mè xửng nhà làm,hộp,250,48000
19777,12,Trà cung đình Vỹ Dạ,gói,200,120000
19804,1,Kiệu Hương An,kg,1000,65000
19867,12,Trà rau má Quảng Thọ,hộp,250,75000
19885,21,Giỏ tre Thuỷ Lập,cái,600,160000
19873,9,Nước mắm Phong Hải,chai,1000,110000
19858,3,Gạo đỏ Phong Hiền,túi,5000,180000
19831,10,Bột nghệ Phong Mỹ,hũ,250,90000
19942,8,Tôm chua Phú Vang,hũ,500,115000
19918,21,Nón lá Phú Hồ,chiếc,150,95000
19969,3,Nếp thơm Thanh Toàn,túi,5000,210000
19996,1,Bưởi thanh trà Hương Vân,kg,1000,55000
20014,8,Mắm cá rò Hoá Châu,hũ,500,70000
20044,22,Vải zèng A Lưới,tấm,400,680000
20056,13,Cà phê A Lưới,gói,500,98000
20107,20,Dầu tràm Lộc Thuỷ,chai,100,130000
20161,4,Mật ong Khe Tre,chai,1000,260000
20179,1,Cam Nam Đông,kg,1000,42000
`

const perVillage = 4

var (
	families = strings.Fields("Nguyễn Trần Lê Phạm Hoàng Phan Võ Đặng Bùi Hồ")
	givens   = []string{"Văn Lộc", "Thị Mơ", "Đình Quý", "Thị Hạnh", "Văn Tuấn", "Thị Lài", "Công Danh", "Thị Thảo", "Viết Sơn", "Thị Nở", "Ngọc Bích", "Văn Thời"}
	kinds    = []cooperatives.Kind{cooperatives.KindHTX, cooperatives.KindHousehold, cooperatives.KindGroup, cooperatives.KindHousehold, cooperatives.KindHousehold, cooperatives.KindCompany}
)

// settle lets the neighbours register and list.
func (y *year) settle(ctx context.Context) error {
	rows, err := csv.NewReader(strings.NewReader(villages)).ReadAll()
	if err != nil {
		return err
	}
	photo, err := syntheticPhoto()
	if err != nil {
		return err
	}
	y.all = make([]neighbour, perVillage*(len(rows)-1))
	for i := range y.all {
		y.all[i] = neighbour{id: fixedID(fmt.Sprintf("neighbour %d", i)), size: 0.7 + y.dice.Float64()*0.9}
	}
	err = side(len(y.all), func(i int) error { return y.move(ctx, i, rows[1+i/perVillage], photo) })
	if err != nil {
		return err
	}
	return y.house.relay.Drain(ctx)
}

// move brings one neighbour in.
func (y *year) move(ctx context.Context, i int, row []string, photo []byte) error {
	grams, err1 := strconv.ParseInt(row[4], 10, 64)
	price, err2 := strconv.ParseInt(row[5], 10, 64)
	set, err3 := strconv.Atoi(row[1])
	if err1 != nil || err2 != nil || err3 != nil {
		return fmt.Errorf("village %q", row)
	}
	n := &y.all[i]
	who := families[i%len(families)] + " " + givens[(i*7)%len(givens)]
	_, err := y.house.sellers.Register(ctx, y.staff, cooperatives.Registration{
		ID: n.id, Name: market.Text{VI: sellerWords(kinds[i%len(kinds)]) + " " + who}, Kind: kinds[i%len(kinds)], Ward: row[0], Street: "thôn Minh Hoạ",
		Phone: fmt.Sprintf("09000008%02d", i), TaxCode: fmt.Sprintf("%010d", 800+i), Bank: cooperatives.Bank{BIN: "970405", Account: fmt.Sprintf("%010d", 800+i), Holder: "NGUOI BAN MINH HOA"},
	})
	if err != nil {
		return err
	}
	if _, err := y.house.sellers.Verify(ctx, y.staff, n.id); err != nil {
		return err
	}
	return y.list(ctx, i, market.Text{VI: row[2] + " " + who}, set, catalog.VariantDraft{
		ID: fixedID(fmt.Sprintf("neighbour variant %d", i)), Name: market.Text{VI: "Một " + row[3]}, Unit: row[3],
		Size: market.Size{Base: market.Grams, Amount: grams}, Price: market.VND(price), Stock: syntheticStock,
	}, photo)
}

func sellerWords(kind cooperatives.Kind) string {
	switch kind {
	case cooperatives.KindHTX:
		return "HTX"
	case cooperatives.KindGroup:
		return "Tổ hợp tác"
	case cooperatives.KindCompany:
		return "Công ty"
	default:
		return "Hộ"
	}
}

// list puts a neighbour's goods on sale, two of three with a certificate and
// every other with a link that is shared.
func (y *year) list(ctx context.Context, i int, name market.Text, set int, v catalog.VariantDraft, photo []byte) error {
	n := &y.all[i]
	p, err := y.house.catalog.CreateDraft(ctx, y.staff, catalog.Draft{
		ID: fixedID(fmt.Sprintf("neighbour product %d", i)), Seller: n.id, Set: set, Name: name, Variants: []catalog.VariantDraft{v},
		Description: market.Text{VI: "Hàng minh hoạ của một hộ trong làng, chỉ để số liệu có đủ người bán."},
	})
	if err != nil {
		return err
	}
	n.product, n.variant = p.ID, v.ID
	if _, err := y.house.catalog.AddPhoto(ctx, y.staff, p.ID, photo, p.Name); err != nil {
		return err
	}
	if i%3 != 0 {
		if _, err := y.house.catalog.Certify(ctx, y.staff, p.ID, catalog.Certificate{
			ID: fixedID(fmt.Sprintf("neighbour certificate %d", i)), DecisionNo: fmt.Sprintf("%d/QĐ-UBND", 20_000+i), DecisionDate: y.clock.AddDate(0, -2, 0),
			Issuer: "UBND thành phố Huế", IssuerLevel: "province", Stars: 3 + i%2, ValidFrom: y.clock.AddDate(0, -2, 0), Verification: "B1", Demo: true,
		}); err != nil {
			return err
		}
	}
	if _, err := y.house.catalog.Submit(ctx, y.staff, p.ID); err != nil {
		return err
	}
	if _, err := y.house.catalog.Approve(ctx, y.staff, p.ID); err != nil || i%2 != 0 {
		return err
	}
	link, err := y.house.livestream.CreateLink(ctx, y.staff, livestream.LinkDraft{Product: p.ID, Channel: []string{"facebook_live", "zalo", "tiktok_live"}[i/2%3], Label: name.VI, Until: y.clock.Add(livestream.MaxLinkLife)})
	n.code = link.Code
	return err
}

// purchase is what is bought of a neighbour on a day.
type purchase struct {
	from     neighbour
	quantity int64
	province string
	wallet   bool
	clicked  bool
	late     bool
	order    *orders.Order
}

// fair is a day on which people buy of most neighbours. What is bought grows
// over the year and before the Lunar New Year.
func (y *year) fair(ctx context.Context, day time.Time) error {
	*y.clock = day
	if err := y.census(ctx); err != nil {
		return err
	}
	bought := y.wishes(day)
	steps := []struct {
		after time.Duration
		do    func(context.Context, *purchase) error
	}{{0, y.buy}, {20 * time.Hour, y.hand}, {70 * time.Hour, y.arrive}}
	for _, step := range steps {
		*y.clock = day.Add(step.after)
		if err := side(len(bought), func(i int) error { return step.do(ctx, &bought[i]) }); err != nil {
			return err
		}
		if y.fairs++; y.fairs%15 == 0 {
			*y.clock = y.clock.AddDate(0, 0, 5) // news that come late
		}
		if err := y.house.relay.Drain(ctx); err != nil {
			return err
		}
	}
	return nil
}

// census counts when a month is over, as the worker does.
func (y *year) census(ctx context.Context) error {
	now, month := *y.clock, int(y.clock.Month())
	if y.counts == month {
		return nil
	}
	y.counts = month
	first := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, market.HueZone)
	*y.clock = first.Add(-time.Hour)
	_, err := y.house.takeCensus(ctx)
	*y.clock = now
	return err
}

func (y *year) wishes(day time.Time) []purchase {
	growth := 1 + 0.5*(1-y.end.Sub(day).Hours()/(24*31*yearMonths))
	if m := day.Month(); m == time.January || m == time.February {
		growth *= 1.5
	}
	provinces := []string{"46", "46", "46", "46", "01", "48", "48", "79", "79", "44"}
	var out []purchase
	for _, n := range y.all {
		if y.dice.Float64() > 0.74 {
			continue
		}
		out = append(out, purchase{
			from: n, quantity: 1 + int64(growth*n.size*(2+y.dice.Float64()*14)), province: provinces[y.dice.IntN(len(provinces))],
			wallet: y.dice.IntN(5) < 3, clicked: n.code != "" && y.dice.IntN(5) < 3, late: y.dice.IntN(9) == 0,
		})
	}
	return out
}

func (y *year) buy(ctx context.Context, b *purchase) (err error) {
	guest := market.Actor{}
	cart, err := y.house.orders.NewCart(ctx, guest)
	if err != nil {
		return err
	}
	var touch *orders.Touch
	if b.clicked {
		_, followed, err := y.house.livestream.Follow(ctx, b.from.code, livestream.Visitor{ID: "neighbour " + string(cart.ID), UserAgent: "Mozilla/5.0 (Linux; Android 14) Mobile", Method: "GET"})
		if err != nil {
			return err
		}
		touch = &followed
	}
	if _, err := y.house.orders.SetLine(ctx, guest, cart.ID, b.from.variant, b.quantity, touch); err != nil {
		return err
	}
	ward := y.house.areas.Wards(b.province)[int(b.quantity)%len(y.house.areas.Wards(b.province))]
	method := orders.MethodCOD
	if b.wallet {
		method = "sandbox"
	}
	b.order, _, err = y.house.orders.Place(ctx, guest, orders.Checkout{
		Cart: cart.ID, Method: method, Adult: true, BaseURL: y.house.config.URL,
		Address: market.Address{Name: "Khách Minh Hoạ", Phone: "0900000799", Province: b.province, Ward: ward.Code, Street: "1 đường Minh Hoạ"},
	})
	if err != nil || !b.wallet {
		return err
	}
	return y.house.payInWallet(ctx, b.order.ID)
}

// hand packs and hands over; some leave it for days.
func (y *year) hand(ctx context.Context, b *purchase) error {
	if b.late {
		return nil
	}
	return y.ship(ctx, b)
}

func (y *year) ship(ctx context.Context, b *purchase) error {
	for _, p := range b.order.Parcels {
		if _, err := y.house.orders.Pack(ctx, y.staff, b.order.ID, p.ID); err != nil {
			return err
		}
		if _, err := y.house.orders.Ship(ctx, y.staff, b.order.ID, p.ID, orders.Shipment{Carrier: "Xe khách Huế (minh hoạ)", Tracking: "NAM" + b.order.Code[4:]}); err != nil {
			return err
		}
	}
	return nil
}

func (y *year) arrive(ctx context.Context, b *purchase) error {
	if b.late {
		if err := y.ship(ctx, b); err != nil {
			return err
		}
	}
	for _, p := range b.order.Parcels {
		if _, err := y.house.orders.Deliver(ctx, y.staff, b.order.ID, p.ID); err != nil {
			return err
		}
	}
	return nil
}

package main

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"chohue/catalog"
	"chohue/cooperatives"
	"chohue/market"
	"chohue/orders"
)

// synthetic says how much data to make for measuring.
type synthetic struct {
	products int
	orders   int
	seed     uint64
}

const (
	syntheticWriters   = 32
	syntheticPerSeller = 40
	syntheticStock     = 1_000_000
)

// synthetic makes large data out of Vietnamese words of the trade. The same
// numbers make the same products and orders.
func (s *seeder) synthetic(ctx context.Context, size synthetic) error {
	now := *s.clock
	sellers, err := s.syntheticSellers(ctx, max(1, size.products/syntheticPerSeller))
	if err != nil {
		return err
	}
	photo, err := syntheticPhoto()
	if err != nil {
		return err
	}
	err = side(size.products, func(i int) error {
		return s.syntheticProduct(ctx, newWords(size.seed, i), i, sellers[i%len(sellers)], photo)
	})
	if err != nil {
		return err
	}
	if err := s.house.relay.Drain(ctx); err != nil {
		return err
	}
	return s.syntheticOrders(ctx, size, now)
}

// syntheticPhoto is the one photo of all made-up products: a small plain
// square, because every upload of it is redrawn.
func syntheticPhoto() ([]byte, error) {
	const side = 120
	picture := image.NewRGBA(image.Rect(0, 0, side, side))
	draw.Draw(picture, picture.Bounds(), image.NewUniform(color.RGBA{0x5B, 0x8C, 0x3E, 0xFF}), image.Point{}, draw.Src)
	var out bytes.Buffer
	err := jpeg.Encode(&out, picture, nil)
	return out.Bytes(), err
}

// side runs n jobs on a few goroutines and returns the first error.
func side(n int, job func(int) error) error {
	var wait sync.WaitGroup
	jobs, failed := make(chan int), make(chan error, syntheticWriters)
	for range syntheticWriters {
		wait.Go(func() {
			for i := range jobs {
				if err := job(i); err != nil {
					failed <- fmt.Errorf("number %d: %w", i, err)
					return
				}
			}
		})
	}
	var first error
feed:
	for i := range n {
		select {
		case jobs <- i:
		case first = <-failed:
			break feed
		}
	}
	close(jobs)
	wait.Wait()
	close(failed)
	if err := <-failed; first == nil {
		first = err
	}
	return first
}

func (s *seeder) syntheticSellers(ctx context.Context, n int) ([]market.ID, error) {
	wards := s.house.areas.Wards(market.HueProvince)
	ids := make([]market.ID, n)
	return ids, side(n, func(i int) error {
		ids[i] = fixedID(fmt.Sprintf("synthetic seller %d", i))
		name := fmt.Sprintf("HTX Minh Hoạ %d %s", i+1, wards[i%len(wards)].Name)
		_, err := s.house.sellers.Register(ctx, s.staff, cooperatives.Registration{
			ID: ids[i], Name: market.Text{VI: name}, Kind: cooperatives.KindHTX, Ward: wards[i%len(wards)].Code,
			Street: "thôn Minh Hoạ", Phone: "0900000999", TaxCode: fmt.Sprintf("%010d", 9_000_000_000+i),
			Bank: cooperatives.Bank{BIN: "970405", Account: fmt.Sprintf("%010d", i), Holder: "HTX MINH HOA"},
		})
		if err != nil {
			return err
		}
		_, err = s.house.sellers.Verify(ctx, s.staff, ids[i])
		return err
	})
}

func (s *seeder) syntheticProduct(ctx context.Context, w words, i int, seller market.ID, photo []byte) error {
	p, err := s.house.catalog.CreateDraft(ctx, s.staff, w.draft(i, seller))
	if err != nil || p.Status == catalog.StatusPublished {
		return err
	}
	if _, err := s.house.catalog.AddPhoto(ctx, s.staff, p.ID, photo, p.Name); err != nil {
		return err
	}
	if stars := w.dice.IntN(6); stars >= 3 {
		if err := s.syntheticCertificate(ctx, p.ID, i, stars); err != nil {
			return err
		}
	}
	if _, err := s.house.catalog.Submit(ctx, s.staff, p.ID); err != nil {
		return err
	}
	_, err = s.house.catalog.Approve(ctx, s.staff, p.ID)
	return err
}

func (s *seeder) syntheticCertificate(ctx context.Context, product market.ID, i, stars int) error {
	from := s.clock.AddDate(0, -i%36, 0)
	_, err := s.house.catalog.Certify(ctx, s.staff, product, catalog.Certificate{
		ID: fixedID(fmt.Sprintf("synthetic certificate %d", i)), DecisionNo: fmt.Sprintf("%d/QĐ-UBND", 10_000+i),
		DecisionDate: from, Issuer: "UBND thành phố Huế", IssuerLevel: "province", Stars: min(stars, 4),
		ValidFrom: from, Verification: "B1", Demo: true,
	})
	return err
}

// words makes texts from a fixed vocabulary.
type words struct{ dice *rand.Rand }

func newWords(seed uint64, i int) words { return words{rand.New(rand.NewPCG(seed, uint64(i)))} }

var (
	goods = strings.Fields("gạo nếp thanh trà bưởi mắm nêm nước mắm ruốc tôm chua mè xửng trà cung đình hạt sen mật ong nón lá tinh dầu tràm mây tre rau má ớt bột bánh ép bún khô cà phê rượu gạo măng khô cá cơm tiêu rừng nghệ gừng dứa mít sấy chuối khô khoai deo đậu phụng mắm tôm chà bông thổ cẩm zèng đèn lồng")
	tells = strings.Fields("hữu cơ thơm dẻo ngọt thanh làm tay phơi nắng ủ chum sạch đồi ven sông Hương đầm phá Tam Giang A Lưới Phong Điền Thủy Biều Bao La nhà vườn truyền đời giống cũ mùa mới hái sáng giao chiều không phẩm màu đóng gói hộp giấy chai thủy tinh túi vải dùng hằng ngày biếu tặng bà con hợp tác xã chăm bón phân chuồng nước suối lửa nhỏ khuấy đều nếm vừa để nơi mát")
)

func (w words) some(from []string, n int) string {
	out := make([]string, n)
	for i := range out {
		out[i] = from[w.dice.IntN(len(from))]
	}
	return strings.Join(out, " ")
}

func (w words) draft(i int, seller market.ID) catalog.Draft {
	sets := []int{1, 3, 4, 6, 7, 8, 9, 10, 12, 13, 17, 20, 21, 22}
	name := w.some(goods, 2) + " " + w.some(tells, 2)
	return catalog.Draft{
		ID: fixedID(fmt.Sprintf("synthetic product %d", i)), Seller: seller, Set: sets[w.dice.IntN(len(sets))],
		Name:        market.Text{VI: "Sản phẩm " + name},
		Description: market.Text{VI: w.some(tells, 60)},
		Variants: []catalog.VariantDraft{{
			ID: fixedID(fmt.Sprintf("synthetic variant %d", i)), Name: market.Text{VI: "Gói 500 g"}, Unit: "gói",
			Size:  market.Size{Base: market.Grams, Amount: 500},
			Price: market.VND(10+w.dice.IntN(490)) * 1000, Stock: syntheticStock,
		}},
	}
}

// syntheticOrders spreads delivered orders over the last ninety days. All
// orders of one day share its hour, so that the clock may stand still while
// they are placed side by side.
func (s *seeder) syntheticOrders(ctx context.Context, size synthetic, now time.Time) error {
	const days = 90
	for day := range days {
		n := size.orders / days
		if day < size.orders%days {
			n++
		}
		*s.clock = now.AddDate(0, 0, day-days)
		if err := side(n, func(i int) error { return s.syntheticOrder(ctx, size, day*size.orders+i) }); err != nil {
			return err
		}
		if err := s.house.relay.Drain(ctx); err != nil {
			return err
		}
	}
	*s.clock = now
	return nil
}

func (s *seeder) syntheticOrder(ctx context.Context, size synthetic, i int) error {
	dice := rand.New(rand.NewPCG(size.seed+1, uint64(i)))
	cart, err := s.house.orders.NewCart(ctx, market.Actor{})
	if err != nil {
		return err
	}
	variant := fixedID(fmt.Sprintf("synthetic variant %d", dice.IntN(size.products)))
	if _, err := s.house.orders.SetLine(ctx, market.Actor{}, cart.ID, variant, 1+dice.Int64N(5), nil); err != nil {
		return err
	}
	provinces := s.house.areas.Provinces()
	wards := s.house.areas.Wards(provinces[dice.IntN(len(provinces))].Code)
	ward := wards[dice.IntN(len(wards))]
	order, _, err := s.house.orders.Place(ctx, market.Actor{}, orders.Checkout{
		Cart: cart.ID, Method: orders.MethodCOD,
		Address: market.Address{Name: "Khách Minh Hoạ", Phone: "0900000999", Province: ward.Province, Ward: ward.Code, Street: "1 đường Minh Hoạ"},
	})
	if err != nil {
		return err
	}
	return s.deliver(ctx, order)
}

func (s *seeder) deliver(ctx context.Context, o *orders.Order) error {
	for _, p := range o.Parcels {
		if _, err := s.house.orders.Pack(ctx, s.staff, o.ID, p.ID); err != nil {
			return err
		}
		if _, err := s.house.orders.Ship(ctx, s.staff, o.ID, p.ID, orders.Shipment{Carrier: "Minh hoạ"}); err != nil {
			return err
		}
		if _, err := s.house.orders.Deliver(ctx, s.staff, o.ID, p.ID); err != nil {
			return err
		}
	}
	return nil
}

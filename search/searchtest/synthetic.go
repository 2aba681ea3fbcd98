package searchtest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"chohue/market"
	"chohue/search"
)

// Products makes n products with descriptions of sixty words, the same for the
// same seed. Words follow Zipf's law over syllables as Vietnamese forms them,
// so that lists of documents are as long as real ones.
func Products(n int, seed uint64) []search.Document {
	g := newGenerator(seed)
	docs := make([]search.Document, n)
	for i := range docs {
		docs[i] = g.product(i)
	}
	return docs
}

type generator struct {
	rand      *rand.Rand
	zipf      *rand.Zipf
	syllables []string
}

func newGenerator(seed uint64) *generator {
	r := rand.New(rand.NewPCG(seed, 46))
	all := syllables()
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return &generator{rand: r, zipf: rand.NewZipf(r, 1.1, 8, uint64(len(all)-1)), syllables: all}
}

func syllables() []string {
	onsets := strings.Fields("b c ch d đ g gi h kh l m n ng nh ph qu r s t th tr v x")
	rimes := strings.Fields("a an ang anh ao au ay ăm ăn âm ân âu ây e em en eo ê êm ên i im in inh iêu iên o om on ong oi ô ôm ôn ông ôi ơ ơm ơn ơi u un ung uôn uông ư ưng ươi ương")
	tones := []string{"", "\u0300", "\u0301", "\u0309", "\u0323"}
	var all []string
	for _, onset := range onsets {
		for _, rime := range rimes {
			for _, tone := range tones {
				all = append(all, onset+toned(rime, tone))
			}
		}
	}
	return all
}

// toned puts the tone on the last vowel that can carry it.
func toned(rime, tone string) string {
	end := strings.LastIndexAny(rime, "aăâeêioôơuư")
	for i, r := range rime {
		if i == end {
			at := i + len(string(r))
			return rime[:at] + tone + rime[at:]
		}
	}
	return rime
}

var (
	goods = strings.Split("mè xửng,mắm nêm,trà cung đình,tinh dầu tràm,nón lá,nước mắm ruốc,tôm chua,bún bò,gạo hữu cơ,"+
		"thanh trà,bưởi cốm,mứt gừng,hạt sen sấy,dứa sấy,dừa sấy,mật ong rừng,rượu gạo,chuông đồng,khoai mì,đậu phộng rang,"+
		"bánh phu thê,tré bò,nem chua,ớt bột,tiêu sọ,hoa mai,măng khô,cá khô,chả bò,bánh lọc", ",")
	kinds  = strings.Split("dẻo,giòn,hộp quà,loại một,gói nhỏ,nguyên chất,hữu cơ,thượng hạng,500 g,1 kg,truyền thống,đặc biệt", ",")
	places = strings.Split("Thủy Biều,An Lỗ,Phú Vang,Lộc Thủy,Hương Thọ,Quảng Công,Vinh Xuân,A Lưới,Phong Điền,Bao La,Dương Nỗ,Kim Long", ",")
)

func (g *generator) product(i int) search.Document {
	pick := func(list []string) string { return list[g.rand.IntN(len(list))] }
	seller := g.rand.IntN(200)
	d := search.Document{
		ID: market.ID(fmt.Sprintf("P%09d", i)), Version: 1,
		Name:       market.Text{VI: pick(goods) + " " + pick(kinds) + " " + pick(places)},
		Seller:     market.ID(fmt.Sprintf("S%03d", seller)),
		SellerName: market.Text{VI: fmt.Sprintf("Hợp tác xã %s %d", places[seller%len(places)], seller)},
		Set:        1 + g.rand.IntN(26), SetName: market.Text{VI: "Bộ " + g.syllables[g.rand.IntN(26)]},
		Ward: fmt.Sprintf("19%03d", 750+g.rand.IntN(40)), WardName: "phường " + pick(places) + " Huế",
		Price: market.VND(10+g.rand.IntN(500)) * 1000, InStock: g.rand.IntN(10) > 0,
		PublishedAt: Now.Add(-time.Duration(g.rand.IntN(1000)) * time.Hour),
	}
	if g.rand.IntN(3) == 0 {
		certify(&d, 3+g.rand.IntN(3), Now.AddDate(0, g.rand.IntN(36)-6, 0))
	}
	var text strings.Builder
	for range 60 {
		text.WriteString(g.syllables[g.zipf.Uint64()] + " ")
	}
	d.Description.VI = text.String()
	return d
}

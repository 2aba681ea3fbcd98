package livestream

// The words of comments, folded. Each list is what people under Vietnamese
// shows write; what belongs to none of them makes a comment talk.

var weights = map[string]int64{
	"kg": 1000, "ky": 1000, "ki": 1000, "kilo": 1000, "kí": 1000, "kgs": 1000,
	"g": 1, "gr": 1, "gram": 1, "gam": 1, "lang": 100, "yen": 10_000, "ta": 100_000,
}

var counted = map[string]string{
	"hop": "hop", "thung": "thung", "trai": "trai", "qua": "trai", "chuc": "chuc",
	"chai": "chai", "hu": "hu", "lo": "lo", "goi": "goi", "tui": "tui", "bich": "tui", "bo": "bo",
	"nai": "nai", "cap": "cap", "set": "set", "combo": "combo", "phan": "phan", "suat": "phan",
	"cai": "cai", "chiec": "cai", "lon": "lon", "khay": "khay", "gio": "gio", "cay": "cay",
	"don": "don", "can": "can", "lit": "lit", "binh": "binh", "keo": "keo", "vi": "vi", "bao": "bao",
}

var numberWords = map[string]int64{
	"mot": 1, "hai": 2, "ba": 3, "bon": 4, "nam": 5, "sau": 6, "bay": 7, "tam": 8, "chin": 9, "muoi": 10,
}

// priceWords after a number make it money.
var priceWords = wordSet("k", "nghin", "ngan", "ng", "d", "dong", "vnd", "tr", "trieu", "xi", "cu", "gio", "h", "phut", "ngay", "tuoi", "sao", "nguoi", "lan", "thang", "nam", "%")

// joining words stand between the codes of a list.
var joining = wordSet("va", "voi", "cung", "+", "&", "them", "ca")

// takes are words after which a bare number is an amount: "lấy 3".
var takes = wordSet("lay", "chot", "dat", "mua", "them", "em", "e", "chi", "minh", "gui", "order")

// courtesies are address and politeness: they neither order nor ask.
var courtesies = wordSet(
	"a", "ah", "ak", "da", "vang", "nha", "nhe", "nhen", "nghe", "ne", "nhoa", "nhaa", "hen", "heng", "voi", "di", "luon", "oi", "day", "nua", "them", "va", "cung",
	"shop", "sop", "sap", "ad", "admin", "em", "e", "chi", "c", "anh", "minh", "mk", "ban", "b", "co", "chu", "bac", "o", "me", "toi", "tui", "chau", "htx", "nha",
	"giup", "dum", "gium", "ho", "cam", "on", "tks", "thanks", "thank", "ok", "oke", "okie", "loai", "moi", "so", "dt", "sdt", "tel", "ten", "cho", "x", "+", "&", "gap", "nhanh", "roi", "hihi", "haha",
)

var closing = wordSet("khong", "ko", "k", "kh", "khg", "kg", "hk", "hong", "hok", "hom", "khum", "hem", "chua", "ha", "hay", "khon", "hum")

var ordering = []string{
	"lay", "chot", "dat", "mua", "order", "oder", "cho em", "cho e", "cho chi", "cho c", "cho anh", "cho a", "cho minh", "cho mk", "cho toi", "cho tui", "cho co", "cho bac", "cho chau",
	"gui", "ship", "len don", "de em", "de cho em", "de minh", "giu", "dang ky", "dk", "bo cho", "dong cho",
}

var cancelling = []string{
	"huy", "bo ma", "bo don", "khong lay", "ko lay", "k lay", "hong lay", "khong mua", "ko mua", "khong dat nua", "thoi khong", "thoi ko", "doi y", "dung chot", "khoi lay", "khoi gui", "dung gui",
}

var telling = []string{
	"da nhan", "nhan duoc", "hom qua", "hom truoc", "hom kia", "lan truoc", "tuan truoc", "thang truoc", "dot truoc", "nam ngoai", "bua truoc", "bua hom", "hom bua", "giao thieu", "lan sau", "bua khac", "khi khac", "mai minh", "mai em", "mai chi", "moi nhan", "an roi", "an het", "da mua", "da chot", "mua roi",
	"chot roi", "dat roi", "lay roi", "het roi", "ban kia", "ban kia lay", "nguoi ta", "ba con", "ai cung", "may ban",
}

var asking = []string{
	"bao nhieu", "bnhieu", "bn", "bnh", "nhiu", "bao nhiu", "nhieu tien", "bao tien", "nhiu tien", "may tien", "gia sao", "gia the", "gia may", "xin gia", "gia", "the nao", "sao shop", "o dau", "khi nao", "bao gio", "bao lau", "may ngay", "may trai", "may qua", "may ky", "may kg", "may ki", "may hop", "may nguoi",
	"xem", "hoi", "tu van", "gioi thieu", "can canh", "zoom", "noi lai", "quay lai", "review", "coi", "con hang", "co san", "co freeship", "mien phi", "phi ship", "phi gui", "tien ship", "duoc khong", "dc khong", "duoc ko", "dc ko", "dc k", "dung khong", "dung ko", "cho nao", "co phai", "phai khong", "phai ko", "co ngot", "co ngon",
	"ngon hon", "khac gi", "loai nao", "ma nao", "cai nao", "la gi", "la sao", "han su dung", "hsd", "xuat xu", "tai sao", "vi sao", "neu", "hay ma", "hay la", "ai lay", "co ai", "ai",
}

var praising = []string{
	"ngon lam", "ngon qua", "ngon that", "qua ngon", "rat ngon", "ngon ghe", "ngon xiu", "dep qua", "dep lam", "dep that", "dep ghe", "thich qua", "thich lam", "thich", "qua troi", "ghe", "tuyet", "tuyet voi", "re qua", "mac qua", "dat qua", "hap dan", "chat luong", "nhin ngon", "ngon", "ung ho", "me qua", "xin so", "tuoi qua", "tuoi lam",
}

func wordSet(words ...string) map[string]bool {
	set := make(map[string]bool, len(words))
	for _, w := range words {
		set[w] = true
	}
	return set
}

package catalog

import (
	"strings"

	"chohue/market"
)

// The keys of the columns by which rows find what they are about. Keys and
// headings of product sheets are promises: files of old must stay readable.
const (
	keyProduct = "product"
	keyName    = "name"
	keyVariant = "variant"
	keySKU     = "sku"
)

// sheetColumn is one column of a product sheet. A sheet may head it by its
// Vietnamese or English name or by its key.
type sheetColumn struct {
	key, vi, en string
	field       string // as Draft's errors name it; those of a variant without "variants/n/"
	ofVariant   bool
	write       func(*Draft, *VariantDraft) string
	read        func(*Draft, *VariantDraft, string) *market.Error
}

func (c sheetColumn) headed(heading string) bool {
	heading = market.Slug(heading)
	return heading == market.Slug(c.key) || heading == market.Slug(c.vi) || heading == market.Slug(c.en)
}

// productText makes a column of a text of the product.
func productText(key, vi, en, field string, at func(*Draft) *string) sheetColumn {
	return sheetColumn{
		key: key, vi: vi, en: en, field: field,
		write: func(d *Draft, _ *VariantDraft) string { return *at(d) },
		read: func(d *Draft, _ *VariantDraft, text string) *market.Error {
			*at(d) = text
			return nil
		},
	}
}

func variantText(key, vi, en, field string, at func(*VariantDraft) *string) sheetColumn {
	return sheetColumn{
		key: key, vi: vi, en: en, field: field, ofVariant: true,
		write: func(_ *Draft, v *VariantDraft) string { return *at(v) },
		read: func(_ *Draft, v *VariantDraft, text string) *market.Error {
			*at(v) = text
			return nil
		},
	}
}

func productNumber(key, vi, en, field string, at func(*Draft) *int) sheetColumn {
	return sheetColumn{
		key: key, vi: vi, en: en, field: field,
		write: func(d *Draft, _ *VariantDraft) string { return writeNumber(*at(d)) },
		read:  func(d *Draft, _ *VariantDraft, text string) *market.Error { return readNumber(at(d), text) },
	}
}

func variantNumber(key, vi, en, field string, at func(*VariantDraft) *int64) sheetColumn {
	return sheetColumn{
		key: key, vi: vi, en: en, field: field, ofVariant: true,
		write: func(_ *Draft, v *VariantDraft) string { return writeNumber(*at(v)) },
		read:  func(_ *Draft, v *VariantDraft, text string) *market.Error { return readNumber(at(v), text) },
	}
}

// sheetColumns are the columns in the order in which they are written: what a
// person fills in first stands first.
func (s Sets) sheetColumns() []sheetColumn {
	return append(s.productColumns(), variantColumns()...)
}

func (s Sets) productColumns() []sheetColumn {
	return append([]sheetColumn{
		{key: keyProduct, vi: "Mã sản phẩm", en: "Product code", field: "id", write: func(d *Draft, _ *VariantDraft) string { return string(d.ID) }},
		productText(keyName, "Tên sản phẩm", "Product name", "name", func(d *Draft) *string { return &d.Name.VI }),
		productText("name_en", "Tên tiếng Anh", "English name", "name/en", func(d *Draft) *string { return &d.Name.EN }),
		{
			key: "set", vi: "Bộ sản phẩm OCOP", en: "OCOP set", field: "set",
			write: func(d *Draft, _ *VariantDraft) string { return writeNumber(d.Set) },
			read:  func(d *Draft, _ *VariantDraft, text string) *market.Error { return s.readSet(&d.Set, text) },
		},
		productText("description", "Mô tả", "Description", "description", func(d *Draft) *string { return &d.Description.VI }),
		productText("description_en", "Mô tả tiếng Anh", "English description", "description/en", func(d *Draft) *string { return &d.Description.EN }),
		productText("story", "Câu chuyện", "Story", "story", func(d *Draft) *string { return &d.Story.VI }),
		productText("story_en", "Câu chuyện tiếng Anh", "English story", "story/en", func(d *Draft) *string { return &d.Story.EN }),
		productNumber("shelf_life_days", "Hạn dùng (ngày)", "Shelf life (days)", "shelf_life_days", func(d *Draft) *int { return &d.ShelfLifeDays }),
	}, s.keepingColumns()...)
}

func (s Sets) keepingColumns() []sheetColumn {
	of := func(key, vi, en, field string, write func(*Keeping) string, read func(*Keeping, string) *market.Error) sheetColumn {
		return sheetColumn{
			key: key, vi: vi, en: en, field: field,
			write: func(d *Draft, _ *VariantDraft) string { return write(&d.Keeping) },
			read:  func(d *Draft, _ *VariantDraft, text string) *market.Error { return read(&d.Keeping, text) },
		}
	}
	return []sheetColumn{
		productText("storage", "Bảo quản", "Storage", "storage", func(d *Draft) *string { return &d.Keeping.Storage.VI }),
		productText("storage_en", "Bảo quản tiếng Anh", "English storage", "storage/en", func(d *Draft) *string { return &d.Keeping.Storage.EN }),
		productNumber("max_transit_hours", "Đi đường tối đa (giờ)", "Longest transit (hours)", "max_transit_hours", func(d *Draft) *int { return &d.Keeping.MaxHours }),
		of("temperature", "Nhiệt độ (°C)", "Temperature (°C)", "temperature",
			func(k *Keeping) string { return writeCold(k.Cold) },
			func(k *Keeping, text string) *market.Error { return readCold(&k.Cold, text) }),
		of("packing", "Cách đóng gói", "Packing", "packing",
			func(k *Keeping) string { return s.writePacking(k.Packing) },
			func(k *Keeping, text string) *market.Error { return s.readPacking(&k.Packing, text) }),
		of("ship_days", "Ngày gửi hàng", "Shipping days", "ship_days",
			func(k *Keeping) string { return writeDays(k.ShipDays) },
			func(k *Keeping, text string) *market.Error { return readDays(&k.ShipDays, text) }),
		of("season", "Tháng mùa vụ", "Season (months)", "season",
			func(k *Keeping) string { return writeMonths(k.Season) },
			func(k *Keeping, text string) *market.Error { return readMonths(&k.Season, text) }),
		of("alcohol", "Độ cồn (%)", "Alcohol (%)", "alcohol",
			func(k *Keeping) string { return writeTenths(k.Alcohol) },
			func(k *Keeping, text string) *market.Error { return readTenths(&k.Alcohol, text) }),
	}
}

func variantColumns() []sheetColumn {
	of := func(key, vi, en, field string, write func(*VariantDraft) string, read func(*VariantDraft, string) *market.Error) sheetColumn {
		return sheetColumn{
			key: key, vi: vi, en: en, field: field, ofVariant: true,
			write: func(_ *Draft, v *VariantDraft) string { return write(v) },
			read:  func(_ *Draft, v *VariantDraft, text string) *market.Error { return read(v, text) },
		}
	}
	return []sheetColumn{
		{key: keyVariant, vi: "Mã phân loại", en: "Variant code", field: "id", ofVariant: true, write: func(_ *Draft, v *VariantDraft) string { return string(v.ID) }},
		variantText(keySKU, "Mã riêng (SKU)", "SKU", "sku", func(v *VariantDraft) *string { return &v.SKU }),
		variantText("variant_name", "Tên phân loại", "Variant name", "name", func(v *VariantDraft) *string { return &v.Name.VI }),
		variantText("variant_name_en", "Tên phân loại tiếng Anh", "English variant name", "name/en", func(v *VariantDraft) *string { return &v.Name.EN }),
		variantText("unit", "Đơn vị bán", "Unit", "unit", func(v *VariantDraft) *string { return &v.Unit }),
		variantNumber("amount", "Lượng trong một đơn vị", "Amount in one unit", "size", func(v *VariantDraft) *int64 { return &v.Size.Amount }),
		of("base", "Tính bằng (gam hoặc cái)", "Counted in (grams or pieces)", "size",
			func(v *VariantDraft) string { return writeBase(v.Size.Base) },
			func(v *VariantDraft, text string) *market.Error { return readBase(&v.Size.Base, text) }),
		of("price", "Giá (đồng)", "Price (VND)", "price",
			func(v *VariantDraft) string { return writeNumber(v.Price) },
			func(v *VariantDraft, text string) *market.Error { return readAmount(&v.Price, text) }),
		variantNumber("band_min", "Một trái từ (gam)", "Piece from (g)", "band", func(v *VariantDraft) *int64 { return &v.Terms.Band.Min }),
		variantNumber("band_max", "Một trái đến (gam)", "Piece to (g)", "band", func(v *VariantDraft) *int64 { return &v.Terms.Band.Max }),
		of("catch", "Cân lại khi gói", "Weighed when packed", "catch",
			func(v *VariantDraft) string { return writeYes(v.Terms.Catch) },
			func(v *VariantDraft, text string) *market.Error { return readYes(&v.Terms.Catch, text) }),
		variantNumber("min", "Đặt ít nhất", "Least order", "min", func(v *VariantDraft) *int64 { return &v.Terms.Min }),
		variantNumber("step", "Mỗi lần thêm", "Order step", "step", func(v *VariantDraft) *int64 { return &v.Terms.Step }),
		variantNumber("stock", "Số lượng ban đầu (chỉ phân loại mới)", "First stock (new variants only)", "stock", func(v *VariantDraft) *int64 { return &v.Stock }),
	}
}

// columnFor finds the column that an error of Draft is about.
func columnFor(columns []sheetColumn, field string, ofVariant bool) sheetColumn {
	for _, c := range columns {
		if c.ofVariant == ofVariant && c.field == field {
			return c
		}
	}
	if base, english := strings.CutSuffix(field, "/en"); english {
		return columnFor(columns, base, ofVariant)
	}
	return columnFor(columns, "name", ofVariant)
}

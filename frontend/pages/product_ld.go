package pages

import (
	"time"

	"chohue/catalog"
	"chohue/market"
)

// productLD is the product in the words of schema.org, for search engines:
// what it is, what each variant costs now, and who recognised it.
func (p *Pages) productLD(s speaker, product *catalog.Product, stocks map[market.ID]*catalog.Stock, v productView) any {
	url := p.cfg.BaseURL + productPath(product.Slug)
	ld := map[string]any{
		"@context": "https://schema.org", "@type": "Product", "name": s.text(product.Name), "url": url,
		"description": v.Description, "sku": string(product.ID),
		"brand": map[string]any{"@type": "Brand", "name": s.text(product.SellerName)},
	}
	var images []string
	for _, photo := range product.Photos {
		images = append(images, p.cfg.BaseURL+photoURL(photo, largePhoto))
	}
	if len(images) > 0 {
		ld["image"] = images
	}
	var offers []any
	for _, variant := range product.Variants {
		offers = append(offers, p.offerLD(s, product, variant, available(stocks, variant.ID)))
	}
	ld["offers"] = offers
	if badge, ok := product.Badge(s.now); ok {
		ld["hasCertification"] = certificateLD(s, badge)
	}
	if v.Rated != nil {
		ld["aggregateRating"] = v.Rated
	}
	return ld
}

func (p *Pages) offerLD(s speaker, product *catalog.Product, v catalog.Variant, left int64) any {
	stock := "https://schema.org/OutOfStock"
	if left > 0 {
		stock = "https://schema.org/InStock"
	}
	return map[string]any{
		"@type": "Offer", "name": s.text(v.Name), "price": int64(v.Price), "priceCurrency": "VND", "availability": stock,
		"url":    p.cfg.BaseURL + productPath(product.Slug) + "?variant=" + string(v.ID),
		"seller": map[string]any{"@type": "Organization", "name": s.text(product.SellerName), "url": p.cfg.BaseURL + sellerPath(product.SellerSlug)},
	}
}

func certificateLD(s speaker, badge catalog.Certificate) any {
	return map[string]any{
		"@type": "Certification", "name": s.t("stars.label", "n", badge.Stars),
		"certificationIdentification": badge.DecisionNo, "certificationStatus": "https://schema.org/CertificationActive",
		"issuedBy":  map[string]any{"@type": "Organization", "name": badge.Issuer},
		"validFrom": badge.ValidFrom.Format(time.DateOnly), "expires": badge.ValidTo.Format(time.DateOnly),
	}
}

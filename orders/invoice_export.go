package orders

import (
	"context"
	"encoding/json"
	"strings"
)

// InvoiceExport is the Invoicer of a market without a contract for e-invoices:
// it writes the request as a file for the cooperative's own provider and issues
// nothing.
type InvoiceExport struct{}

// Name implements Invoicer.
func (InvoiceExport) Name() string { return "export" }

// Issue implements Invoicer.
func (InvoiceExport) Issue(_ context.Context, r InvoiceRequest) (InvoiceAnswer, error) {
	file, err := json.MarshalIndent(r, "", "  ")
	name := "hoa-don-" + r.Order + "-" + string(r.Parcel)
	if r.Corrects != nil {
		name += "-" + r.Corrects.Kind
	}
	return InvoiceAnswer{FileName: strings.ToLower(name) + ".json", ContentType: "application/json; charset=utf-8", File: append(file, '\n')}, err
}

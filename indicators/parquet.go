package indicators

import (
	"encoding/json"
	"io"

	"github.com/parquet-go/parquet-go"
)

// parquetRow is a row for analysts; a hidden value is null.
type parquetRow struct {
	Freq    string   `parquet:"FREQ,dict"`
	Area    string   `parquet:"REF_AREA,dict"`
	Product string   `parquet:"OCOP_PRODUCT,dict"`
	Channel string   `parquet:"CHANNEL,dict"`
	Dest    string   `parquet:"DEST_AREA,dict"`
	Pay     string   `parquet:"PAY_METHOD,dict"`
	Star    string   `parquet:"STAR,dict"`
	Seller  string   `parquet:"SELLER_TYPE,dict"`
	Measure string   `parquet:"MEASURE,dict"`
	Period  string   `parquet:"TIME_PERIOD,dict"`
	Value   *float64 `parquet:"OBS_VALUE,optional"`
	Unit    string   `parquet:"UNIT_MEASURE,dict"`
	Status  string   `parquet:"OBS_STATUS,dict"`
	Conf    string   `parquet:"CONF_STATUS,dict"`
	Rev     int32    `parquet:"REVISION"`
}

func (s *Service) writeParquet(w io.Writer, r *Release) error {
	out := parquet.NewGenericWriter[parquetRow](w, parquet.Compression(&parquet.Snappy))
	var rows []parquetRow
	for _, o := range s.observations(r) {
		row := parquetRow{o.Freq, o.Area, o.Product, o.Channel, o.Dest, o.Pay, o.Star, o.Seller, o.Measure, o.Period, nil, o.Unit, o.Status, o.Conf, int32(o.Rev)}
		if o.Value != "" {
			v, err := json.Number(o.Value).Float64()
			if err != nil {
				return err
			}
			row.Value = &v
		}
		rows = append(rows, row)
	}
	if _, err := out.Write(rows); err != nil {
		return err
	}
	return out.Close()
}

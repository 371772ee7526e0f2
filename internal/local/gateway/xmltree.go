package gateway

import (
	"encoding/xml"
	"fmt"
)

// element is a node of an XML document, to change what moto answered.
type element struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Text     string     `xml:",chardata"`
	Children []*element `xml:",any"`
}

func parseXML(document []byte) (*element, error) {
	var root element
	if err := xml.Unmarshal(document, &root); err != nil {
		return nil, err
	}
	root.plain()
	return &root, nil
}

// plain drops the namespace of each name: the root's xmlns attribute is kept as
// it is, and encoding/xml would repeat it at every element.
func (e *element) plain() {
	e.XMLName.Space = ""
	for _, c := range e.Children {
		c.plain()
	}
}

func (e *element) bytes() ([]byte, error) {
	b, err := xml.Marshal(e)
	return append([]byte(xml.Header), b...), err
}

// find returns the first element of that name in document order, or nil.
func (e *element) find(name string) *element {
	if e.XMLName.Local == name {
		return e
	}
	for _, c := range e.Children {
		if found := c.find(name); found != nil {
			return found
		}
	}
	return nil
}

// text returns the content of a child; empty if there is none.
func (e *element) text(name string) string {
	for _, c := range e.Children {
		if c.XMLName.Local == name {
			return c.Text
		}
	}
	return ""
}

func (e *element) add(name string, v any) {
	e.Children = append(e.Children, &element{XMLName: xml.Name{Local: name}, Text: fmt.Sprint(v)})
}

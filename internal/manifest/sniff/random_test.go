package sniff

import (
	"math/rand/v2"
	"strings"
)

// fragments are the lines of random streams. Lines that open something, lines
// that close it and lines that look like a key when it is left open occur in
// about equal numbers.
var fragments = strings.Split(strings.TrimSpace(fragmentLines), "\n")

const fragmentLines = `
kind: Foo
kind: Foo
kind: NetworkPolicy
kind: "Foo"
kind: 'Foo'
kind: Foo # c
kind:	Foo	# c
kind: Foo#c
kind: Foo Bar
kind: "Foo
kind: Foo"
kind: Foo }
kind: Foo]
kind: 'x' 'y'
kind: |
kind: &a Foo
kind: !!str Foo
kind: *a
kind: {a: b}
kind: [Foo]
kind: "k\x69nd"
kind:
kind
kind:Foo
kind : Foo
kindly: Foo
"kind": Foo
'kind': Foo
"k\x69nd": Foo
"ki\
? kind
? "ki\
: Foo
&a kind: Foo
&a a: b
*a : Foo
!!str kind: Foo
<<: *a
<<: {kind: Foo}
apiVersion: v1
apiVersion: "v1"
apiVersion: 'v1' # x
apiVersion: "v1" x
metadata:
  name: x
  name: "x"
  name: "x
  name: 'x
  y"
  y'
  kind: Foo
    deep: 1
	tab: x
  text
 text
  "half
  'half
  {half
  }
  ]
  {{ tpl }}
  # comment
  # don't
  - item
  ---
  ...
- item
- kind: Foo
- {a: b}
- "q
- [q
-
- - a
"
'
}
]
x"
x'
nd": Foo
data: |
data: >-
data: |2
data: |+
a: b
a: b
a: b c
a: b: c
a: b # don't
a: {
a: {x: 1,
a: [
a: []
a: "x
a: 'x
a: "x\
a: "\"
a: "\""
a: 'it''s'
a: 'x' 'y'
a: "x" # "y
a: &a
a: &a kind
a: *a
a: !!map
a: - b
a: ? b
a: @x
a:	"b
a
a b
---
---
---
--- # c
---x
---#
--- |
--- {kind: Foo}
--- kind: Foo
--- "x
...
... # c
%YAML 1.1
%
# comment
# don't
{{ tpl }}
{kind: Foo}
!!map
@x
é: b
kind: é
`

// openers are first lines of streams that Split does not refuse at once.
var openers = [...]string{"apiVersion: v1", "a: b", "data: |", "kind: Foo", "---", "# comment"}

// enclosures are pairs of lines between which a line is text or part of a flow
// collection, whatever it looks like.
var enclosures = [...][2]string{
	{`a: "x`, `"`}, {`a: 'x`, `'`}, {"a: {", "}"}, {"a: [", "]"},
	{`  b: "x`, `"`}, {`  b: 'x`, `'`}, {"  b: {", "}"}, {"  b: [", "]"},
	{`- "x`, `"`}, {`- 'x`, `'`}, {"- {", "}"}, {"- [", "]"},
	{`"x`, `": y`}, {"&a 'x", "': y"}, {"? {", "}"},
}

// randomStream returns a stream of a few lines. Some streams have a byte
// order mark, another line break than LF, or no final one.
func randomStream(rng *rand.Rand) []byte {
	var stream strings.Builder
	if rng.IntN(50) == 0 {
		stream.WriteString(byteOrderMark)
	}
	lineBreak := "\n"
	if rng.IntN(10) == 0 {
		lineBreak = "\r\n"
	}
	if rng.IntN(2) == 0 {
		stream.WriteString(openers[rng.IntN(len(openers))])
		stream.WriteString(lineBreak)
	}
	for range 1 + rng.IntN(7) {
		for _, line := range randomLines(rng) {
			stream.WriteString(line)
			stream.WriteString(randomBreak(rng, lineBreak))
		}
	}
	return []byte(stream.String())
}

// randomLines returns a blank line, a fragment or an enclosure around a fragment.
func randomLines(rng *rand.Rand) []string {
	fragment := fragments[rng.IntN(len(fragments))]
	switch rng.IntN(12) {
	case 0:
		return []string{""}
	case 1, 2:
		enclosure := enclosures[rng.IntN(len(enclosures))]
		return []string{enclosure[0], fragment, enclosure[1]}
	}
	return []string{fragment}
}

// randomBreak returns usual, with a blank before it or an exotic break instead
// now and then.
func randomBreak(rng *rand.Rand, usual string) string {
	switch rng.IntN(200) {
	case 0:
		return "\r"
	case 1:
		return [...]string{"\u0085", "\u2028", "\u2029", "\x00", byteOrderMark}[rng.IntN(5)]
	case 2, 3, 4:
		return ""
	case 5, 6, 7:
		return " " + usual
	case 8, 9, 10:
		return "\t" + usual
	}
	return usual
}

import { html, joined, verbatim } from "../report/markup";

const hostile = `<script>"&"</script>`;

test("text is escaped, in an element and in an attribute; markup is not", () => {
  const cell = html`<td title="${hostile}">${hostile}</td>`;
  expect(String(cell)).toBe(
    '<td title="&lt;script&gt;&quot;&amp;&quot;&lt;/script&gt;">&lt;script&gt;&quot;&amp;&quot;&lt;/script&gt;</td>',
  );
  expect(String(html`<tr>${cell}</tr>`)).toBe(`<tr>${cell}</tr>`);
  expect(String(html`${verbatim("<b>")}`)).toBe("<b>");
});

test("a list is one after another, each part as it would be alone; nothing is nothing", () => {
  expect(String(html`${["<", html`<br>`, [1]]}`)).toBe("&lt;<br>1");
  expect(String(html`${undefined}${false}${0}`)).toBe("0");
  expect(String(joined(["a", html`<i>`, "&"], "\n"))).toBe("a\n<i>\n&amp;");
});

import tables from "./kql-tables.json";

/** A piece of the language service's list type. */
interface List<T> {
  readonly Count: number;
  getItem(index: number): T;
}

interface Diagnostic {
  readonly Start: number;
  readonly Length: number;
  readonly Message: string;
}

/** What is used here of Microsoft's Kusto language service, which is C# compiled to JavaScript: constructors are numbered. */
interface KustoLanguage {
  readonly Symbols: {
    readonly TableSymbol: { $ctor7: new (name: string, schema: string, description: string | null) => object };
    readonly DatabaseSymbol: { ctor: new (name: string, members: object[]) => object };
  };
  readonly GlobalState: { readonly Default: { WithDatabase(database: object): object } };
  readonly KustoCode: {
    ParseAndAnalyze(
      text: string,
      globals: object,
    ): { GetDiagnostics(): List<Diagnostic>; readonly ResultType: { readonly Columns: List<{ Name: string }> } };
  };
}

/** Loaded once: the two files put `Bridge` and `Kusto` on the global object, as a browser would have them. */
const kusto: KustoLanguage = (() => {
  require("@kusto/language-service-next/bridge.min");
  require("@kusto/language-service-next/Kusto.Language.Bridge.min");
  return (globalThis as unknown as { Kusto: { Language: KustoLanguage } }).Kusto.Language;
})();

/** A Log Analytics workspace with the tables of kql-tables.json, each with its columns from Microsoft's table reference. */
const workspace = kusto.GlobalState.Default.WithDatabase(
  new kusto.Symbols.DatabaseSymbol.ctor(
    "workspace",
    Object.entries(tables).map(([name, table]) => {
      const columns = Object.entries(table.columns).map(([column, type]) => `${column}: ${type}`);
      return new kusto.Symbols.TableSymbol.$ctor7(name, `(${columns.join(", ")})`, null);
    }),
  ),
);

interface Analysis {
  readonly problems: readonly string[];
  readonly columns: readonly string[];
}

/** By query: a test file asks about the same one several times, and an answer takes a third of a second. */
const analyses = new Map<string, Analysis>();

/** What the language service says about a query (`line: message «text»`), and the columns of its answer. */
export function analyzeKql(query: string): Analysis {
  const known = analyses.get(query) ?? analyze(query);
  analyses.set(query, known);
  return known;
}

function analyze(query: string): Analysis {
  const code = kusto.KustoCode.ParseAndAnalyze(query, workspace);
  const problems = items(code.GetDiagnostics()).map(({ Start, Length, Message }) => {
    const line = query.slice(0, Start).split("\n").length;
    return `${line}: ${Message} «${query.slice(Start, Start + Length)}»`;
  });
  return { problems, columns: items(code.ResultType.Columns).map((column) => column.Name) };
}

function items<T>(list: List<T>): T[] {
  return Array.from({ length: list.Count }, (_, index) => list.getItem(index));
}

namespace Deutero.Cli.Reports;

/// <summary>The style of a report: legible from a phone to paper, light and dark.</summary>
/// <remarks>
/// Lines have the colours of Okabe and Ito, which people with any kind of colour vision can tell apart. Blue and black do not
/// show on a dark page, so sky blue leads there and white stands for black.
/// </remarks>
internal static class StyleSheet
{
    public const string Css = """
        :root { color-scheme: light dark; --page: #fff; --card: #f6f7f9; --text: #1b1f24; --soft: #57606a; --rule: #d5d9de; --grid: #e6e9ed; --accent: #0072B2;
          --s0: #0072B2; --s1: #D55E00; --s2: #009E73; --s3: #CC79A7; --s4: #E69F00; --s5: #56B4E9; --s6: #000; }
        @media (prefers-color-scheme: dark) { :root { --page: #14171b; --card: #1d2127; --text: #e6e8eb; --soft: #9aa4af; --rule: #363c44; --grid: #2a2f36; --accent: #56B4E9;
          --s0: #56B4E9; --s1: #E69F00; --s2: #009E73; --s3: #CC79A7; --s4: #F0E442; --s5: #D55E00; --s6: #fff; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; padding: 2rem 1.25rem 3rem; max-width: 72rem; background: var(--page); color: var(--text); font: 16px/1.5 system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; overflow-wrap: break-word; }
        h1 { font-size: 1.75rem; line-height: 1.2; margin: 0; text-wrap: balance; }
        h2 { font-size: 1.15rem; margin: 2.25rem 0 .75rem; padding-bottom: .3rem; border-bottom: 1px solid var(--rule); }
        h3, figcaption.title { font-size: 1rem; font-weight: 600; margin: 0 0 .5rem; }
        .subtitle { color: var(--soft); margin: .25rem 0 0; }
        .summary { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 10rem), 1fr)); gap: .75rem; margin: 1.5rem 0 0; }
        .summary div { background: var(--card); border-radius: .5rem; padding: .65rem .85rem; }
        .summary dt { color: var(--soft); font-size: .85rem; }
        .summary dd { margin: 0; font-size: 1.2rem; font-weight: 600; font-variant-numeric: tabular-nums; }
        .charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 27rem), 1fr)); gap: 1.5rem 2rem; }
        figure { margin: 0; min-width: 0; max-width: 44rem; }
        figure > svg { display: block; width: 100%; height: auto; }
        svg text { fill: var(--soft); font-size: 12.5px; font-variant-numeric: tabular-nums; }
        svg .name { fill: var(--text); }
        svg .none { font-size: 15px; }
        .grid, .axis, .line { fill: none; }
        .grid { stroke: var(--grid); }
        .axis { stroke: var(--soft); }
        .line { stroke: var(--c); stroke-width: 1.9; stroke-linejoin: round; }
        .band { fill: var(--c); opacity: .2; }
        circle { fill: var(--c); }
        .s0 { --c: var(--s0); } .s1 { --c: var(--s1); } .s2 { --c: var(--s2); } .s3 { --c: var(--s3); } .s4 { --c: var(--s4); } .s5 { --c: var(--s5); } .s6 { --c: var(--s6); }
        .legend { display: flex; flex-wrap: wrap; gap: .15rem 1.1rem; margin: .35rem 0 0; padding: 0; list-style: none; font-size: .88rem; }
        .legend li { min-width: 0; }
        .legend svg { width: 30px; height: 10px; margin-right: .45rem; }
        .scroll { overflow-x: auto; margin-bottom: 1.5rem; }
        table { border-collapse: collapse; font-size: .93rem; }
        caption { text-align: left; font-weight: 600; padding-bottom: .4rem; }
        th, td { text-align: left; padding: .35rem 1.1rem .35rem 0; border-bottom: 1px solid var(--rule); vertical-align: top; }
        thead th { color: var(--soft); font-weight: 600; border-bottom-width: 2px; }
        tbody th { font-weight: normal; }
        tbody th, td:not(.number) { min-width: 8rem; }
        .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
        .strip { margin-bottom: 1.5rem; }
        .strip div { display: flex; flex-wrap: wrap; gap: .75rem; }
        .strip figure { width: 6.5rem; font-size: .8rem; line-height: 1.3; color: var(--soft); }
        .strip img { display: block; width: 100%; background: #fff; border: 1px solid var(--rule); border-radius: .25rem; image-rendering: pixelated; margin-bottom: .25rem; }
        pre { background: var(--card); border-radius: .5rem; padding: .85rem 1rem; margin: 0; max-height: 26rem; overflow: auto; font: .85rem/1.45 ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace; }
        .facts { display: grid; grid-template-columns: minmax(7rem, max-content) 1fr; gap: .2rem 1.5rem; margin: 0; font-size: .93rem; }
        .facts dt { color: var(--soft); }
        .facts dd { margin: 0; min-width: 0; }
        @media print, (max-width: 32rem) { svg text { font-size: 16px; } .summary dd { font-size: 1.1rem; } }
        @media print {
          @page { margin: 15mm; }
          :root { --page: #fff; --card: #fff; --text: #000; --soft: #444; --rule: #bbb; --grid: #ddd; --accent: #000;
            --s0: #0072B2; --s1: #D55E00; --s2: #009E73; --s3: #CC79A7; --s4: #E69F00; --s5: #56B4E9; --s6: #000; }
          body { padding: 0; max-width: none; font-size: 10.5pt; }
          .charts { grid-template-columns: 1fr 1fr; gap: 1rem; }
          figure, tr, .summary div { break-inside: avoid; }
          h2, h3, caption { break-after: avoid; }
          .summary div { border: 1px solid var(--rule); }
          .scroll, pre { overflow: visible; max-height: none; }
          pre { white-space: pre-wrap; border: 1px solid var(--rule); }
        }
        """;
}

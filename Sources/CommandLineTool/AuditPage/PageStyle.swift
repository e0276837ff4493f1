// How the page looks: on a desk, on a telephone, in the dark and on paper.

/// The style sheet. It names nothing outside of the page: fonts are those of the system.
enum PageStyle {
    /// SHA-256 of `rules` in base64: the one style that the page's policy lets a browser apply. A
    /// test computes it.
    static let digest = "Nja8SFvPskSK3swPFr/xW0MoGbbk8CKfJK2rpIAych0="

    static let rules =
        ":root{color-scheme:light dark;\(Palette.rules(Palette.light))}\n"
        + "@media screen and (prefers-color-scheme:dark){:root{\(Palette.rules(Palette.dark))}}\n"
        + [page, front, table, findings, timeline, heat, log, narrow, print].joined()

    private static let page = """
        *{box-sizing:border-box}
        html{-webkit-text-size-adjust:100%;text-size-adjust:100%;
        --sans:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",sans-serif;
        --serif:ui-serif,Charter,"Iowan Old Style","Noto Serif","Liberation Serif",Georgia,serif;
        --mono:ui-monospace,"SF Mono","Cascadia Mono",Menlo,Consolas,"Liberation Mono",monospace}
        body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.55 var(--sans)}
        header,nav,main,footer,.skip{max-width:78rem;margin:0 auto;
        padding:0 clamp(1rem,4vw,3rem)}
        h1,h2{font-family:var(--serif);font-weight:600;line-height:1.2;text-wrap:balance}
        h1{font-size:clamp(1.9rem,5vw,2.75rem);letter-spacing:-.01em;margin:0}
        h2{font-size:1.5rem;margin:0 0 .5rem}
        h3{font-size:1rem;font-weight:600;margin:1.5rem 0 .5rem}
        p{max-width:44rem;margin:.5rem 0}
        a{color:var(--link);text-underline-offset:.2em;text-decoration-thickness:1px}
        :focus-visible{outline:2px solid var(--link);outline-offset:2px}
        section{margin:3.5rem 0 0;scroll-margin-top:1rem}
        code,.name,.path{font-family:var(--mono);font-size:.875em}
        .name,.path,bdi{overflow-wrap:anywhere}
        .soft,.note{color:var(--soft)}
        .note{font-size:.9375rem}
        .small{display:block;font-size:.8125rem;color:var(--soft)}
        .good{color:var(--good)}.high{color:var(--high)}
        .medium{color:var(--medium)}.low{color:var(--low)}
        .skip{position:absolute;left:-999rem}
        .skip:focus{position:static;display:block;padding-block:.5rem}

        """

    private static let front = """
        header{padding-top:clamp(2rem,6vw,4.5rem)}
        .kicker{font-size:.8125rem;letter-spacing:.08em;text-transform:uppercase;
        color:var(--soft);margin:0 0 .5rem}
        .facts{display:flex;flex-wrap:wrap;gap:.25rem 2rem;margin:1rem 0 0;font-size:.9375rem}
        .facts dt,.facts dd{display:inline;margin:0}
        .facts dt{color:var(--soft)}
        .facts dt::after{content:" "}
        nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;padding:.75rem 0;
        margin:1.5rem 0 0;border-block:1px solid var(--line);font-size:.9375rem}
        .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,12rem),1fr));
        gap:0 2rem;margin:1rem 0 0}
        .tiles div{border-top:1px solid var(--line);padding:.75rem 0 1rem}
        .tiles dt{font-size:.875rem;color:var(--soft)}
        .tiles dd{margin:0;font-size:.875rem}
        .tiles .big{font:600 1.875rem/1.25 var(--serif)}
        footer{margin-top:4rem;padding-block:1.5rem 3rem;font-size:.875rem;color:var(--soft)}

        """

    private static let table = """
        .wide{overflow-x:auto;margin:1rem 0 0}
        table{border-collapse:collapse;width:100%;font-size:.875rem;line-height:1.4;
        font-variant-numeric:tabular-nums}
        caption{text-align:left;color:var(--soft);padding:0 0 .5rem;font-size:.875rem}
        th,td{text-align:left;vertical-align:baseline;padding:.45rem 1.25rem .45rem 0;
        border-top:1px solid var(--line)}
        th:last-child,td:last-child{padding-right:0}
        thead th{border-top:0;font-weight:600;font-size:.8125rem;color:var(--soft);
        vertical-align:bottom;white-space:nowrap}
        tbody th{font-weight:400}
        td.date,td.word{white-space:nowrap}
        th.number,td.number{text-align:right;white-space:nowrap}
        th[scope=row],th[scope=rowgroup]{min-width:13rem;max-width:24rem}
        td.path{min-width:14rem}
        .role{min-width:7rem;max-width:14rem}
        .session{text-align:right;max-width:9rem}
        td,tbody th,.findings p,.notes bdi{overflow:clip}
        .last{min-width:10rem}
        .slots th,.week th{min-width:0;white-space:nowrap}
        .slots,.week{width:auto;min-width:min(100%,34rem)}

        """

    private static let findings = """
        .findings{list-style:none;margin:0;padding:0}
        .findings li{border-top:1px solid var(--line);padding:.6rem 0;display:grid;
        grid-template-columns:minmax(11rem,17rem) 1fr;gap:0 1.5rem;align-items:baseline}
        .findings p{margin:0;max-width:none}
        .findings .hint{color:var(--soft);font-size:.9375rem}
        .mark{display:inline-block;width:.8em;height:.8em;margin-right:.5em;fill:currentColor}
        .kind{white-space:nowrap}

        """

    private static let timeline = """
        .line{list-style:none;margin:1rem 0 0;padding:0;font-size:.875rem;line-height:1.35}
        .line li,.axis{display:grid;grid-template-columns:15rem 1fr 17rem;column-gap:1.25rem}
        .line li{position:relative;border-top:1px solid var(--line);min-height:2rem;
        align-items:baseline}
        .line .name,.line .when{padding:.4rem 0}
        .line .when{grid-column:3}
        .when b{font-weight:600;font-variant-numeric:tabular-nums}
        .line svg,.axis svg{overflow:visible}
        .line li>svg{position:absolute;inset:0;grid-column:2/3;width:100%;height:100%}
        .axis{font-size:.75rem;margin-top:1rem}
        .axis svg{width:100%;height:1.25rem}
        .axis+.line{margin-top:0}
        .axis text{fill:var(--soft);text-anchor:middle;font-variant-numeric:tabular-nums}
        .axis .now{fill:var(--ink);font-weight:600}
        .tick{stroke:var(--line)}
        .today{stroke:var(--ink);stroke-width:1.5}
        .past{fill:var(--bar)}.rest{fill:var(--rest);stroke:var(--bar)}
        .over .past{fill:var(--high)}
        .over .late{stroke:var(--high);stroke-width:2;stroke-dasharray:2 3}
        .soon .past{fill:var(--medium)}.soon .rest{stroke:var(--medium)}
        .off .past{fill:var(--paper);stroke:var(--bar);stroke-dasharray:4 2}
        .sign{fill:none;stroke:var(--ink);stroke-width:2}
        .over .sign{stroke:var(--high)}.soon .sign{stroke:var(--medium)}
        .key{display:flex;flex-wrap:wrap;gap:.25rem 1.5rem;list-style:none;padding:0;
        margin:.75rem 0 0;font-size:.8125rem;color:var(--soft)}
        .key svg{width:2.25rem;height:1rem;vertical-align:-.2rem;margin-right:.4rem;
        overflow:visible}

        """

    private static let heat = """
        .days{overflow-x:auto;direction:rtl;margin:1rem 0 0;padding:2px}
        .days svg{direction:ltr;display:block;margin:0 auto 0 0}
        .days text{fill:var(--soft);font:11px var(--sans)}
        .h0{fill:none;stroke:var(--line)}
        .h1{fill:var(--heat1)}.h2{fill:var(--heat2)}.h3{fill:var(--heat3)}.h4{fill:var(--heat4)}
        .key .cell{width:1rem}
        details{margin:1rem 0 0}
        summary{cursor:pointer;color:var(--link);font-size:.9375rem;width:max-content;
        max-width:100%}

        """

    private static let log = """
        .verdict{font-size:1.125rem;font-weight:600}
        .notes{padding-left:1.25rem;max-width:44rem}
        .notes bdi{display:inline-block;max-width:100%;vertical-align:top}
        .receipt{display:block;background:var(--panel);border:1px solid var(--line);
        border-radius:4px;padding:.75rem 1rem;margin:.5rem 0;overflow-wrap:anywhere}

        """

    private static let narrow = """
        @media (max-width:46rem){
        section{margin-top:2.75rem}
        .findings li{grid-template-columns:1fr}
        .line li{grid-template-columns:1fr;padding:.4rem 0}
        .line .name,.line .when{padding:0;grid-column:1}
        .line li>svg{position:static;grid-column:1;grid-row:3;height:1.9rem;display:block}
        .axis{grid-template-columns:1fr}
        .axis span{display:none}
        .tiles{grid-template-columns:1fr 1fr}
        th[scope=row],th[scope=rowgroup]{min-width:9rem}
        }

        """

    /// Bars and cells are shapes and not backgrounds, so that paper has them too.
    private static let print = """
        @media print{
        @page{margin:16mm 14mm}
        :root{--paper:#fff;--panel:#fff}
        html{font-size:9pt}
        header,nav,main,footer{max-width:none;padding-inline:0}
        header{padding-top:0}
        nav,.skip,summary{display:none}
        section{margin-top:2rem}
        h2,h3,caption{break-after:avoid}
        tr,li,.tiles,.receipt,.axis,.days{break-inside:avoid}
        thead{display:table-header-group}
        .wide,.days{overflow:visible}
        .days svg{width:100%;height:auto;max-width:40rem}
        th,td{padding:.25rem .6rem .25rem 0}
        th[scope=row]{min-width:10rem}
        .slots th[scope=row],.week th[scope=row],td.path,.role,.last{min-width:0}
        .line li,.axis{grid-template-columns:13rem 1fr 14rem}
        details::details-content{content-visibility:visible;block-size:auto}
        }

        """
}

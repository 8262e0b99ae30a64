#include "cli/report.h"

#include <math.h>
#include <stdlib.h>

#include "base/attributes.h"

#define MICROSECONDS 1e3
#define MILLISECONDS 1e6

static const struct {
    const char *name;
    double fraction;
} quantiles[] = {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}};

static double per_second(const struct report *report, uint64_t count)
{
    return report->result->seconds > 0 ? (double)count / report->result->seconds : 0;
}

/* All kinds in one. On the heap; NULL when memory is exhausted. */
static struct load_kind *all_kinds(const struct report *report)
{
    struct load_kind *all = calloc(1, sizeof(*all));
    for (unsigned i = 0; all != NULL && i < LOAD_KINDS_MAX; i++) {
        const struct load_kind *kind = &report->result->kinds[i];
        histogram_merge(&all->latency, &kind->latency);
        all->failed += kind->failed;
        all->bytes += kind->bytes;
    }
    return all;
}

static bool is_used(const struct report *report, unsigned kind)
{
    return report->kind_names[kind] != NULL && report->result->kinds[kind].latency.total > 0;
}

/* --- text --- */

static void write_row(FILE *file, const struct report *report, const char *name,
                      const struct load_kind *kind)
{
    fprintf(file, "%-20s %10llu %10.0f", name, (unsigned long long)kind->latency.total,
            per_second(report, kind->latency.total));
    for (size_t i = 0; i < COUNT_OF(quantiles); i++)
        fprintf(file, " %9.3f",
                (double)histogram_quantile(&kind->latency, quantiles[i].fraction) / MILLISECONDS);
    fprintf(file, " %9.3f %8llu\n", (double)kind->latency.largest / MILLISECONDS,
            (unsigned long long)kind->failed);
}

void report_write_text(FILE *file, const struct report *report)
{
    struct load_kind *all = all_kinds(report);
    unsigned used = 0;
    fprintf(file, "%-20s %10s %10s", "milliseconds", "requests", "/second");
    for (size_t i = 0; i < COUNT_OF(quantiles); i++)
        fprintf(file, " %9s", quantiles[i].name);
    fprintf(file, " %9s %8s\n", "most", "failed");
    for (unsigned i = 0; i < LOAD_KINDS_MAX; i++) {
        if (!is_used(report, i))
            continue;
        write_row(file, report, report->kind_names[i], &report->result->kinds[i]);
        used++;
    }
    if (used > 1 && all != NULL)
        write_row(file, report, "all", all);
    if (report->result->lost > 0)
        fprintf(file, "%llu connections were lost\n", (unsigned long long)report->result->lost);
    if (report->result->first_error[0] != '\0')
        fprintf(file, "the first failure: %s\n", report->result->first_error);
    free(all);
}

/* --- JSON --- */

/* Names and words of servers; nothing in them needs more than this. */
static void write_string(FILE *file, const char *text)
{
    fputc('"', file);
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte == '"' || byte == '\\')
            fprintf(file, "\\%c", byte);
        else if (byte >= ' ' && byte < 0x7f)
            fputc(byte, file);
        else
            fprintf(file, "\\u%04x", byte);
    }
    fputc('"', file);
}

static void write_json_kind(FILE *file, const struct report *report, const char *name,
                            const struct load_kind *kind)
{
    fprintf(file, "    {\"operation\": ");
    write_string(file, name);
    fprintf(file, ", \"requests\": %llu, \"failed\": %llu, \"perSecond\": %.1f, \"mean\": %.1f",
            (unsigned long long)kind->latency.total, (unsigned long long)kind->failed,
            per_second(report, kind->latency.total), histogram_mean(&kind->latency) / MICROSECONDS);
    for (size_t i = 0; i < COUNT_OF(quantiles); i++)
        fprintf(file, ", \"%s\": %.1f", quantiles[i].name,
                (double)histogram_quantile(&kind->latency, quantiles[i].fraction) / MICROSECONDS);
    fprintf(file, ", \"max\": %.1f, \"bytesReceived\": %llu}",
            (double)kind->latency.largest / MICROSECONDS, (unsigned long long)kind->bytes);
}

void report_write_json(FILE *file, const struct report *report)
{
    const struct load_result *result = report->result;
    struct load_kind *all = all_kinds(report);
    fprintf(file, "{\n  \"endpoint\": ");
    write_string(file, report->endpoint);
    fprintf(file, ",\n  \"workload\": ");
    write_string(file, report->workload);
    fprintf(file,
            ",\n  \"distribution\": \"%s\",\n  \"connections\": %u,\n  \"items\": %llu,\n"
            "  \"itemBytes\": %llu,\n  \"rate\": %.1f,\n  \"seconds\": %.3f,\n"
            "  \"lostConnections\": %llu,\n  \"firstError\": ",
            report->distribution, report->connections, (unsigned long long)report->items,
            (unsigned long long)report->item_bytes, report->rate, result->seconds,
            (unsigned long long)result->lost);
    write_string(file, result->first_error);
    fprintf(file, ",\n  \"latencyUnit\": \"microseconds\",\n  \"operations\": [\n");
    for (unsigned i = 0; i < LOAD_KINDS_MAX; i++) {
        if (!is_used(report, i))
            continue;
        write_json_kind(file, report, report->kind_names[i], &result->kinds[i]);
        fprintf(file, ",\n");
    }
    if (all != NULL)
        write_json_kind(file, report, "all", all);
    fprintf(file, "\n  ],\n  \"perSecond\": [");
    for (size_t i = 0; i < result->second_count; i++)
        fprintf(file, i == 0 ? "%u" : ", %u", result->per_second[i]);
    fprintf(file, "]\n}\n");
    free(all);
}

/* --- HTML --- */

enum { CHART_WIDTH = 720, CHART_HEIGHT = 240, CHART_MARGIN = 60 };

static void write_escaped(FILE *file, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '<' || *text == '>' || *text == '&')
            fprintf(file, "&#%d;", *text);
        else
            fputc(*text, file);
    }
}

static void begin_chart(FILE *file, const char *title, const char *x, const char *y)
{
    fprintf(file,
            "<h2>%s</h2>\n<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n"
            "<path class=\"axis\" d=\"M%d 10V%dH%d\"/>\n"
            "<text x=\"%d\" y=\"%d\" class=\"end\">%s</text>\n<text x=\"4\" y=\"12\">%s</text>\n",
            title, CHART_WIDTH + 2 * CHART_MARGIN, CHART_HEIGHT + CHART_MARGIN, title, CHART_MARGIN,
            CHART_HEIGHT + 10, CHART_WIDTH + CHART_MARGIN, CHART_WIDTH + CHART_MARGIN,
            CHART_HEIGHT + 46, x, y);
}

static double chart_y(double value, double most)
{
    return CHART_HEIGHT + 10 - (most > 0 ? value / most : 0) * (CHART_HEIGHT - 10);
}

static void write_levels(FILE *file, double most, const char *unit)
{
    for (int i = 0; i <= 4; i++) {
        double value = most * i / 4;
        fprintf(file,
                "<path class=\"grid\" d=\"M%d %.1fH%d\"/><text x=\"%d\" y=\"%.1f\" "
                "class=\"end\">%.4g%s</text>\n",
                CHART_MARGIN, chart_y(value, most), CHART_WIDTH + CHART_MARGIN, CHART_MARGIN - 4,
                chart_y(value, most) + 4, value, unit);
    }
}

static void write_throughput(FILE *file, const struct load_result *result)
{
    double most = 1;
    for (size_t i = 0; i < result->second_count; i++)
        most = fmax(most, result->per_second[i]);
    begin_chart(file, "Requests per second", "seconds", "");
    write_levels(file, most, "");
    fprintf(file, "<path class=\"line a\" d=\"");
    for (size_t i = 0; i < result->second_count; i++)
        fprintf(file, "%c%.1f %.1f", i == 0 ? 'M' : 'L',
                CHART_MARGIN +
                    (double)CHART_WIDTH * (double)i /
                        (double)(result->second_count > 1 ? result->second_count - 1 : 1),
                chart_y(result->per_second[i], most));
    fprintf(file, "\"/>\n<text x=\"%d\" y=\"%d\" class=\"end\">%zu</text>\n</svg>\n",
            CHART_WIDTH + CHART_MARGIN, CHART_HEIGHT + 28, result->second_count);
}

/* Towards the right each label has one nine more. */
static void write_latencies(FILE *file, const struct report *report)
{
    enum { NINES = 4, STEPS = 200 };
    double most = 0;
    for (unsigned i = 0; i < LOAD_KINDS_MAX; i++) {
        if (is_used(report, i))
            most =
                fmax(most, (double)histogram_quantile(&report->result->kinds[i].latency, 0.9999) /
                               MILLISECONDS);
    }
    begin_chart(file, "Latency by percentile", "percentile", "");
    write_levels(file, most, " ms");
    for (int i = 0; i <= NINES; i++)
        fprintf(file, "<text x=\"%.1f\" y=\"%d\" class=\"middle\">%.6g</text>\n",
                CHART_MARGIN + (double)CHART_WIDTH * i / NINES, CHART_HEIGHT + 28,
                100 * (1 - pow(10, -i)));
    unsigned used = 0;
    for (unsigned i = 0; i < LOAD_KINDS_MAX; i++) {
        if (!is_used(report, i))
            continue;
        fprintf(file, "<path class=\"line %c\" d=\"", 'a' + (int)(used++ % 6));
        for (int step = 0; step <= STEPS; step++) {
            double fraction = 1 - pow(10, -(double)NINES * step / STEPS);
            double value = (double)histogram_quantile(&report->result->kinds[i].latency, fraction) /
                           MILLISECONDS;
            fprintf(file, "%c%.1f %.1f", step == 0 ? 'M' : 'L',
                    CHART_MARGIN + (double)CHART_WIDTH * step / STEPS, chart_y(value, most));
        }
        fprintf(file, "\"><title>%s</title></path>\n", report->kind_names[i]);
    }
    fprintf(file, "</svg>\n<p>");
    used = 0;
    for (unsigned i = 0; i < LOAD_KINDS_MAX; i++) {
        if (is_used(report, i))
            fprintf(file, "<span class=\"key %c\"></span>%s &nbsp; ", 'a' + (int)(used++ % 6),
                    report->kind_names[i]);
    }
    fprintf(file, "</p>\n");
}

void report_write_html(FILE *file, const struct report *report)
{
    fprintf(
        file,
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>hashrange bench"
        "</title>\n<style>body{font:15px system-ui,sans-serif;max-width:860px;margin:2em auto;"
        "color:#222}svg{width:100%%}text{font-size:12px;fill:#555}.end{text-anchor:end}"
        ".middle{text-anchor:middle}.axis,.grid,.line{fill:none;stroke:#999}.grid{stroke:#eee}"
        ".line{stroke-width:2}.a{stroke:#0b67b2;background:#0b67b2}.b{stroke:#c4420c;"
        "background:#c4420c}.c{stroke:#2d8a3e;background:#2d8a3e}.d{stroke:#7b3fa0;"
        "background:#7b3fa0}.e{stroke:#b08900;background:#b08900}.f{stroke:#555;background:#555}"
        ".key{display:inline-block;width:14px;height:4px;margin-right:6px;vertical-align:middle}"
        "pre{background:#f6f6f6;padding:1em;overflow:auto}</style>\n<h1>");
    write_escaped(file, report->workload);
    fprintf(file, " on ");
    write_escaped(file, report->endpoint);
    fprintf(file, "</h1>\n<p>%u connections, %llu items of %llu bytes, %s keys, ",
            report->connections, (unsigned long long)report->items,
            (unsigned long long)report->item_bytes, report->distribution);
    if (report->rate > 0)
        fprintf(file, "%.0f requests a second offered (open loop)", report->rate);
    else
        fprintf(file, "closed loop");
    fprintf(file, ", %.1f seconds measured.</p>\n<pre>", report->result->seconds);
    report_write_text(file, report);
    fprintf(file, "</pre>\n");
    write_throughput(file, report->result);
    write_latencies(file, report);
    fprintf(file, "</html>\n");
}

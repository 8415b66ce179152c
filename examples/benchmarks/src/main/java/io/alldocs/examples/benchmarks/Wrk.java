package io.alldocs.examples.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.alldocs.packument.PackageName;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Runs wrk, which requests packuments over many connections for a time.
 *
 * @param script the Lua script with the requests
 * @param connections number of connections
 */
record Wrk(Path script, int connections) {
    private static final Pattern RATE = Pattern.compile("Requests/sec:\\s+([0-9.]+)");
    private static final Pattern COUNT = Pattern.compile("(\\d+) requests in ");
    private static final Pattern P99 = Pattern.compile("99%\\s+([0-9.]+)(us|ms|s)");

    /**
     * What wrk measured.
     *
     * @param perSecond responses per second
     * @param p99Millis 99th percentile of the response times
     * @param responses number of responses
     */
    record Result(double perSecond, double p99Millis, long responses) {}

    /** Returns a script that requests the packuments of {@code names} in turn. */
    static String script(Iterable<String> names, String accept) {
        StringBuilder lua = new StringBuilder("local headers = {[\"Accept\"] = \"" + accept
                + "\", [\"Accept-Encoding\"] = \"gzip\"}\nlocal requests = {}\nlocal at = 0\nfunction init()\n");
        names.forEach(name -> lua.append("  table.insert(requests, wrk.format(\"GET\", \"")
                .append(PackageName.urlPath(name))
                .append("\", headers))\n"));
        return lua + "end\nfunction request()\n  at = at % #requests + 1\n  return requests[at]\nend\n";
    }

    /** Sends requests to a server for {@code seconds}; every response must have a status of 200. */
    Result run(URI server, int seconds) throws IOException, InterruptedException {
        Process wrk = new ProcessBuilder(
                        "wrk",
                        "-t1",
                        "-c" + connections,
                        "-d" + seconds,
                        "--latency",
                        "-s",
                        script.toString(),
                        server.toString())
                .redirectErrorStream(true)
                .start();
        String report = new String(wrk.getInputStream().readAllBytes(), UTF_8);
        Matcher rate = RATE.matcher(report);
        Matcher p99 = P99.matcher(report);
        Matcher count = COUNT.matcher(report);
        if (wrk.waitFor() != 0 || report.contains("Non-2xx") || !rate.find() || !p99.find() || !count.find()) {
            throw new IOException("wrk against " + server + " failed: " + report);
        }
        return new Result(
                Double.parseDouble(rate.group(1)), millis(p99.group(1), p99.group(2)), Long.parseLong(count.group(1)));
    }

    private static double millis(String number, String unit) {
        double value = Double.parseDouble(number);
        return switch (unit) {
            case "us" -> value / 1_000;
            case "ms" -> value;
            default -> value * 1_000;
        };
    }
}

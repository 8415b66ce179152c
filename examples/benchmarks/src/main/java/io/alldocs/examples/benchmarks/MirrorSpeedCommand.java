package io.alldocs.examples.benchmarks;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Measures a mirror that serves abbreviated packuments, with and without a policy. Compares it with nginx, which serves
 * the same bytes as files, and with verdaccio, which serves the same packuments from its storage. In each round, they
 * run one after another. All of them share the machine's processors with wrk. The rate therefore drops when the machine
 * has other work, so the processor time per response is reported too. Requires nginx and wrk.
 */
@Command(
        name = "mirror",
        description = "Serves cached abbreviated packuments and compares it with nginx and verdaccio.")
final class MirrorSpeedCommand implements Callable<Integer> {
    private static final String RATE = "abbreviated packuments/s";
    private static final String P99 = "99th percentile, ms";
    private static final String COST = "processor time for each, us";
    private static final String MIRROR = "mirror";
    private static final String MIRROR_POLICY = "mirror (policy)";
    private static final String NGINX = "nginx";

    /** nginx with the packuments without the versions that the policy refuses. These packuments are smaller. */
    private static final String NGINX_POLICY = "nginx (policy)";

    /** One year. Most real packuments have younger versions, which the mirror then removes. */
    private static final String POLICY = "min-age: 365d\n";

    private static final String VERDACCIO = "verdaccio";

    @Option(
            names = "--data",
            paramLabel = "DIR",
            required = true,
            description = "Folder of real packuments (*.json.gz; a slash in a name is written %%2f).")
    private Path data = Path.of("");

    @Option(
            names = "--connections",
            defaultValue = "32",
            description = "Connections of wrk (default: ${DEFAULT-VALUE}).")
    private int connections;

    @Option(
            names = "--warm-up",
            paramLabel = "S",
            defaultValue = "30",
            description = "Seconds of each server before the first round; a busy machine compiles slowly (default:"
                    + " ${DEFAULT-VALUE}).")
    private int warmUp;

    @Option(
            names = "--seconds",
            defaultValue = "8",
            description = "Seconds of each measurement (default: ${DEFAULT-VALUE}).")
    private int seconds;

    @Option(
            names = "--rounds",
            defaultValue = "3",
            description = "Rounds; the medians are printed (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = "--node-modules",
            paramLabel = "DIR",
            description = "Folder where `npm install verdaccio` was run; without it verdaccio is left out.")
    private @Nullable Path nodeModules;

    @Mixin
    private FigureOptions options = new FigureOptions();

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path folder = Files.createDirectories(options.workDir()).toAbsolutePath();
        Figures figures = new Figures();
        Path policy = Files.writeString(folder.resolve("policy"), POLICY);
        try (MirrorContenders contenders = new MirrorContenders(data, folder)) {
            MirrorContenders.Server mirror = contenders.mirror();
            MirrorContenders.Server governed = contenders.mirror("--policy=" + policy);
            List<String> names = contenders.served(governed);
            Wrk wrk = new Wrk(
                    Files.writeString(folder.resolve("requests.lua"), Wrk.script(names, MirrorContenders.ACCEPT)),
                    connections);
            Map<String, MirrorContenders.Server> servers = new LinkedHashMap<>();
            servers.put(MIRROR, mirror);
            servers.put(NGINX, contenders.nginx(mirror, names, "nginx"));
            servers.put(MIRROR_POLICY, governed);
            servers.put(NGINX_POLICY, contenders.nginx(governed, names, "nginx-policy"));
            if (nodeModules != null) {
                servers.put(VERDACCIO, contenders.verdaccio(nodeModules));
            }
            for (Map.Entry<String, MirrorContenders.Server> server : servers.entrySet()) {
                measure(server.getKey(), server.getValue(), wrk, warmUp, new Figures());
            }
            for (int round = 0; round < rounds; round++) {
                for (Map.Entry<String, MirrorContenders.Server> server : servers.entrySet()) {
                    measure(server.getKey(), server.getValue(), wrk, seconds, figures);
                }
            }
        }
        figures.compare(RATE, MIRROR, NGINX, 0.8);
        figures.compare(RATE, MIRROR_POLICY, NGINX_POLICY, 0.5);
        figures.compare(RATE, MIRROR, VERDACCIO, 20);
        figures.compare(COST, NGINX, MIRROR, 0);
        figures.compare(COST, NGINX_POLICY, MIRROR_POLICY, 0);
        options.print(figures);
        return 0;
    }

    private void measure(String name, MirrorContenders.Server server, Wrk wrk, int duration, Figures figures)
            throws IOException, InterruptedException {
        Duration before = server.processorTime();
        Wrk.Result result = wrk.run(server.address(), duration);
        double micros = server.processorTime().minus(before).toNanos() / 1e3 / result.responses();
        figures.add(RATE, name, result.perSecond());
        figures.add(P99, name, result.p99Millis());
        figures.add(COST, name, micros);
        PrintWriter err = options.err();
        err.printf(
                Locale.ROOT,
                "%s: %.1f/s, 99%% within %.2f ms, %.1f us each%n",
                name,
                result.perSecond(),
                result.p99Millis(),
                micros);
        err.flush();
    }
}

package io.alldocs.examples.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import io.alldocs.examples.benchmarks.Contender.Run;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import redis.embedded.RedisServer;

/**
 * Compares this SDK's queue with BullMQ on the same Redis server, and prints the medians. In each round, one process
 * for each queue adds items, processes them, and measures itself. The jobs of BullMQ are configured like the items of
 * this queue. They have an id and three attempts with a growing backoff, and are removed on completion.
 */
@Command(
        name = "queue",
        description = "Adds items to a queue on Redis and processes them, compares the speed with BullMQ on the same"
                + " server, and prints ratios.")
final class QueueCommand implements Callable<Integer> {
    private static final String ADD = "add, items/s";
    private static final String PROCESS = "process, items/s";
    private static final String MEMORY = "memory, bytes/item";
    private static final String SDK = "all-docs";
    private static final String BULLMQ = "BullMQ";

    @Option(
            names = "--redis",
            paramLabel = "URL",
            description = "Address of a server, redis://HOST:PORT; the benchmark's queue on it is emptied. Default:"
                    + " a new server with an append-only file.")
    private @Nullable String redis;

    @Option(names = "--items", defaultValue = "100000", description = "Items (default: ${DEFAULT-VALUE}).")
    private int items;

    @Option(
            names = "--concurrency",
            defaultValue = "50",
            description = "Parallel items, for both (default: ${DEFAULT-VALUE}).")
    private int concurrency;

    @Option(
            names = "--rounds",
            defaultValue = "3",
            description = "Rounds; the medians are printed (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = "--node-modules",
            paramLabel = "DIR",
            description = "Folder where `npm install bullmq ioredis` was run; without it BullMQ is left out.")
    private @Nullable Path nodeModules;

    @Mixin
    private FigureOptions options = new FigureOptions();

    private final Figures figures = new Figures();

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path folder = Files.createDirectories(options.workDir()).toAbsolutePath();
        if (redis != null) {
            measure(redis, folder);
        } else {
            RedisServer server = server(folder);
            server.start();
            try {
                measure("redis://127.0.0.1:" + server.ports().get(0), folder);
            } finally {
                server.stop();
            }
        }
        figures.compare(PROCESS, SDK, BULLMQ, 5);
        figures.compare(ADD, SDK, BULLMQ, 2);
        options.print(figures);
        return 0;
    }

    private static RedisServer server(Path folder) throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return RedisServer.newRedisServer()
                    .bind("127.0.0.1")
                    .port(free.getLocalPort())
                    .setting("dir " + folder)
                    .setting("save \"\"")
                    .setting("appendonly yes")
                    .build();
        }
    }

    private void measure(String url, Path folder) throws IOException, InterruptedException {
        for (int round = 1; round <= rounds; round++) {
            add(SDK, Contender.start(SDK, folder, Map.of(), sdk(url)));
            if (nodeModules != null) {
                String path =
                        nodeModules.resolve("node_modules").toAbsolutePath().toString();
                add(BULLMQ, Contender.start(BULLMQ, folder, Map.of("NODE_PATH", path), bullmq(url, folder)));
            }
            options.roundEnded(round, rounds);
        }
    }

    private List<String> sdk(String url) {
        return Contender.command("queue-run", "--redis=" + url, "--items=" + items, "--concurrency=" + concurrency);
    }

    private List<String> bullmq(String url, Path folder) throws IOException {
        Path script = folder.resolve("bullmq.cjs");
        if (Files.notExists(script)) {
            try (InputStream in = QueueCommand.class.getResourceAsStream("bullmq.cjs")) {
                Files.copy(in, script);
            }
        }
        URI address = URI.create(url);
        return List.of(
                "node",
                script.toString(),
                address.getHost(),
                Integer.toString(address.getPort()),
                Integer.toString(items),
                Integer.toString(concurrency));
    }

    private void add(String contender, Run run) throws IOException {
        figures.add(ADD, contender, rate(run, contender, "add"));
        figures.add(PROCESS, contender, rate(run, contender, "process"));
        run.last("memory")
                .ifPresent(line ->
                        figures.add(MEMORY, contender, line.path("bytes").asDouble() / items));
    }

    private double rate(Run run, String contender, String kind) throws IOException {
        JsonNode line = run.last(kind).orElseThrow(() -> new IOException(contender + " did not " + kind));
        if (line.path("items").asInt() != items) {
            throw new IOException(contender + " did " + kind + " " + line.path("items") + " items of " + items);
        }
        return items / line.path("seconds").asDouble();
    }
}

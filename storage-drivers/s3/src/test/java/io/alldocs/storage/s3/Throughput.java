package io.alldocs.storage.s3;

import io.alldocs.cache.Body;
import io.alldocs.cache.EntryHead;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntConsumer;
import java.util.stream.Stream;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * Puts and gets through the driver beside the same bare calls of the SDK with its own defaults, in turns in one run, against S3Proxy in a process of its own. To be run by
 * hand on the test class path: {@code java -cp … io.alldocs.storage.s3.Throughput FOLDER [THREADS [ROUNDS]]}, where FOLDER holds the bodies.
 */
final class Throughput {
    private static final int OBJECTS = 2_000;

    private final List<byte[]> bodies = new ArrayList<>();
    private final List<EntryHead> heads = new ArrayList<>();
    private final int threads;
    private final ExecutorService executor;

    private Throughput(List<Path> files, int threads) throws IOException {
        for (Path file : files) {
            byte[] body = Files.readAllBytes(file);
            bodies.add(body);
            heads.add(Values.head(body).toBuilder()
                    .body("gzip", body.length, Values.sha256(body))
                    .build());
        }
        this.threads = threads;
        this.executor = Executors.newFixedThreadPool(threads);
    }

    public static void main(String[] args) throws Exception {
        if (args[0].equals("serve")) {
            serve();
            return;
        }
        Process server = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Throughput.class.getName(),
                        "serve")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader out = server.inputReader();
                Stream<Path> files = Files.list(Path.of(args[0]))) {
            URI endpoint = URI.create(out.readLine());
            int threads = args.length > 1 ? Integer.parseInt(args[1]) : 1;
            int rounds = args.length > 2 ? Integer.parseInt(args[2]) : 7;
            new Throughput(files.sorted().toList(), threads).compare(endpoint, rounds);
        } finally {
            server.destroy();
        }
    }

    /** Until the standard input ends. */
    private static void serve() throws IOException {
        System.out.println(S3Server.running().endpoint());
        while (System.in.read() >= 0) {
            // Nothing is expected.
        }
    }

    private byte[] body(int i) {
        return bodies.get(i % bodies.size());
    }

    private void compare(URI endpoint, int rounds) throws Exception {
        double[][] rates = new double[4][rounds];
        try (S3Client sdk = S3Server.vendorClient(endpoint);
                S3StorageDriver driver = S3Server.driver(endpoint).build()) {
            // The first two warm up.
            for (int round = -2; round < rounds; round++) {
                double[] rate = {
                    rate(i -> sdk.putObject(
                            request -> request.bucket(S3Server.BUCKET)
                                    .key("sdk-" + i)
                                    .contentType("application/json")
                                    .contentEncoding("gzip"),
                            RequestBody.fromBytes(body(i)))),
                    rate(i -> driver.put("driver-" + i, heads.get(i % heads.size()), Body.of(body(i)))),
                    rate(i -> sdk.getObjectAsBytes(
                            request -> request.bucket(S3Server.BUCKET).key("sdk-" + i))),
                    rate(i -> Values.bytes(driver, "driver-" + i)),
                };
                for (int kind = 0; round >= 0 && kind < rate.length; kind++) {
                    rates[kind][round] = rate[kind];
                }
            }
        } finally {
            executor.shutdown();
        }
        System.out.printf(
                "%d threads, medians of %d rounds of %d: put/s SDK %.0f, driver %.0f, ratio %.2f; get/s SDK %.0f, driver"
                        + " %.0f, ratio %.2f%n",
                threads,
                rounds,
                OBJECTS,
                median(rates[0]),
                median(rates[1]),
                median(rates[1]) / median(rates[0]),
                median(rates[2]),
                median(rates[3]),
                median(rates[3]) / median(rates[2]));
    }

    /** Calls a second. */
    private double rate(IntConsumer call) throws Exception {
        long start = System.nanoTime();
        List<Future<?>> futures = new ArrayList<>();
        for (int thread = 0; thread < threads; thread++) {
            int first = thread;
            futures.add(executor.submit(() -> {
                for (int i = first; i < OBJECTS; i += threads) {
                    call.accept(i);
                }
            }));
        }
        for (Future<?> future : futures) {
            future.get();
        }
        return OBJECTS * 1e9 / (System.nanoTime() - start);
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}

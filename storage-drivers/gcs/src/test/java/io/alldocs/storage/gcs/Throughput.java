package io.alldocs.storage.gcs;

import com.google.cloud.NoCredentials;
import com.google.cloud.storage.BlobId;
import com.google.cloud.storage.BlobInfo;
import com.google.cloud.storage.Storage;
import com.google.cloud.storage.Storage.BlobSourceOption;
import com.google.cloud.storage.Storage.BlobTargetOption;
import com.google.cloud.storage.StorageOptions;
import io.alldocs.cache.Body;
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

/**
 * Puts and gets through the driver beside the same bare calls of the SDK, in turns in one run, against a server in a process of its own. To be run by hand
 * on the test class path: {@code java -cp … io.alldocs.storage.gcs.Throughput FOLDER [THREADS [ROUNDS]]}, where FOLDER holds the bodies.
 */
final class Throughput {
    private static final int OBJECTS = 2_000;

    private final List<byte[]> bodies;
    private final int threads;
    private final ExecutorService executor;

    private Throughput(List<byte[]> bodies, int threads) {
        this.bodies = bodies;
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
                        "-Dsun.net.httpserver.nodelay=true",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Throughput.class.getName(),
                        "serve")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader out = server.inputReader()) {
            URI endpoint = URI.create(out.readLine());
            int threads = args.length > 1 ? Integer.parseInt(args[1]) : 1;
            int rounds = args.length > 2 ? Integer.parseInt(args[2]) : 7;
            new Throughput(bodies(Path.of(args[0])), threads).compare(endpoint, rounds);
        } finally {
            server.destroy();
        }
    }

    /** Until the standard input ends. */
    private static void serve() throws IOException {
        try (FakeGcs fake = new FakeGcs()) {
            System.out.println(fake.endpoint());
            fake.forgetRequests();
            while (System.in.read() >= 0) {
                // Nothing is expected.
            }
        }
    }

    private static List<byte[]> bodies(Path folder) throws IOException {
        List<byte[]> bodies = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.sorted().toList()) {
                bodies.add(Files.readAllBytes(file));
            }
        }
        return bodies;
    }

    private byte[] body(int i) {
        return bodies.get(i % bodies.size());
    }

    private void compare(URI endpoint, int rounds) throws Exception {
        double[][] rates = new double[4][rounds];
        Storage sdk = StorageOptions.http()
                .setProjectId("none")
                .setHost(endpoint.toString())
                .setCredentials(NoCredentials.getInstance())
                .build()
                .getService();
        try (GcsStorageDriver driver = GcsStorageDriver.builder(FakeGcs.BUCKET)
                .endpoint(endpoint)
                .noCredentials()
                .build()) {
            // The first two warm up.
            for (int round = -2; round < rounds; round++) {
                double[] rate = {
                    rate(i -> sdk.create(
                            BlobInfo.newBuilder(FakeGcs.BUCKET, "sdk-" + i)
                                    .setContentType("application/json")
                                    .setContentEncoding("gzip")
                                    .build(),
                            body(i),
                            BlobTargetOption.disableGzipContent())),
                    rate(i -> driver.put("driver-" + i, Values.gzipHead(body(i)), Body.of(body(i)))),
                    rate(i -> sdk.readAllBytes(
                            BlobId.of(FakeGcs.BUCKET, "sdk-" + i), BlobSourceOption.shouldReturnRawInputStream(true))),
                    rate(i -> Values.bytes(driver, "driver-" + i)),
                };
                for (int kind = 0; round >= 0 && kind < rate.length; kind++) {
                    rates[kind][round] = rate[kind];
                }
            }
        } finally {
            sdk.close();
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

package io.alldocs.storage.fastly;

import io.alldocs.cache.Body;
import io.alldocs.cache.EntryHead;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
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
import org.jspecify.annotations.Nullable;

/**
 * Puts and gets through the driver beside the same requests of {@code curl --parallel}, one process of it for each turn, and beside those of the JDK's HTTP client
 * alone, on which the driver stands; all in turns, against a server in a process of its own. To be
 * run by hand on the test class path: {@code java -cp … io.alldocs.storage.fastly.Throughput FOLDER [THREADS [ROUNDS]]}, where FOLDER holds the bodies.
 */
final class Throughput {
    private static final int ITEMS = 4_000;

    private final List<Path> files;
    private final List<byte[]> bodies = new ArrayList<>();
    private final List<EntryHead> heads = new ArrayList<>();
    private final int threads;
    private final ExecutorService executor;
    private final URI endpoint;
    private final Path configs;
    private final String head;

    private Throughput(List<Path> files, int threads, URI endpoint, Path configs) throws IOException {
        this.files = files;
        for (Path file : files) {
            byte[] body = Files.readAllBytes(file);
            bodies.add(body);
            heads.add(Values.gzipHead(body));
        }
        this.threads = threads;
        this.executor = Executors.newFixedThreadPool(threads);
        this.endpoint = endpoint;
        this.configs = configs;
        this.head = Heads.metadata(Heads.json(heads.get(0)), null);
    }

    public static void main(String[] args) throws Exception {
        if (args[0].equals("serve")) {
            serve();
            return;
        }
        Process server = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-Dsun.net.httpserver.nodelay=true",
                        "-Dsun.net.httpserver.maxIdleConnections=1000",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Throughput.class.getName(),
                        "serve")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Path configs = Files.createTempDirectory("fastly-throughput");
        try (BufferedReader out = server.inputReader();
                Stream<Path> listed = Files.list(Path.of(args[0]))) {
            URI endpoint = URI.create(out.readLine());
            int threads = args.length > 1 ? Integer.parseInt(args[1]) : 1;
            int rounds = args.length > 2 ? Integer.parseInt(args[2]) : 7;
            new Throughput(listed.sorted().toList(), threads, endpoint, configs).compare(rounds);
        } finally {
            server.destroy();
            for (String name : List.of("put", "get")) {
                Files.deleteIfExists(configs.resolve(name));
            }
            Files.delete(configs);
        }
    }

    /** Until the standard input ends. */
    private static void serve() throws IOException {
        try (FakeFastly fake = new FakeFastly()) {
            System.out.println(fake.endpoint());
            fake.forgetRequests();
            while (System.in.read() >= 0) {
                // Nothing is expected.
            }
        }
    }

    private byte[] body(int i) {
        return bodies.get(i % bodies.size());
    }

    private void compare(int rounds) throws Exception {
        writeConfigs();
        double[][] rates = new double[6][rounds];
        HttpClient jdk = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .executor(Runnable::run)
                .build();
        try (FastlyStorageDriver driver = FastlyStorageDriver.builder(FakeFastly.STORE)
                .endpoint(endpoint)
                .token(FakeFastly.TOKEN)
                .build()) {
            // The first three warm up.
            for (int round = -3; round < rounds; round++) {
                double[] rate = {
                    curl("put"),
                    rate(i -> bare(jdk, "jdk-" + i, BodyPublishers.ofByteArray(body(i)))),
                    rate(i -> driver.put("driver-" + i, heads.get(i % heads.size()), Body.of(body(i)))),
                    curl("get"),
                    rate(i -> bare(jdk, "jdk-" + i, null)),
                    rate(i -> Values.bytes(driver, "driver-" + i)),
                };
                for (int kind = 0; round >= 0 && kind < rate.length; kind++) {
                    rates[kind][round] = rate[kind];
                }
            }
        } finally {
            executor.shutdown();
        }
        System.out.printf("%d threads, medians of %d rounds of %d:%n", threads, rounds, ITEMS);
        print("put", median(rates[0]), median(rates[1]), median(rates[2]));
        print("get", median(rates[3]), median(rates[4]), median(rates[5]));
    }

    private static void print(String what, double curl, double jdk, double driver) {
        System.out.printf(
                "  %s/s: curl %.0f, JDK alone %.0f, driver %.0f; driver to curl %.2f, to the JDK alone %.2f%n",
                what, curl, jdk, driver, driver / curl, driver / jdk);
    }

    /** @param value to put; null to get */
    private void bare(HttpClient jdk, String name, HttpRequest.@Nullable BodyPublisher value) {
        HttpRequest.Builder request = HttpRequest.newBuilder(item(name)).header("fastly-key", FakeFastly.TOKEN);
        if (value != null) {
            request.header("metadata", head).PUT(value);
        }
        try {
            HttpResponse<byte[]> answer = jdk.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
            if (answer.statusCode() != 200) {
                throw new IllegalStateException("HTTP " + answer.statusCode());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private URI item(String name) {
        return URI.create(endpoint + "/resources/stores/kv/" + FakeFastly.STORE + "/keys/" + name);
    }

    private void writeConfigs() throws IOException {
        StringBuilder put = new StringBuilder(
                "header = \"metadata: " + head.replace("\\", "\\\\").replace("\"", "\\\"") + "\"\n");
        StringBuilder get = new StringBuilder();
        for (int i = 0; i < ITEMS; i++) {
            String item = "url = \"" + item("curl-" + i) + "\"\noutput = \"/dev/null\"\n";
            put.append(item)
                    .append("upload-file = \"")
                    .append(files.get(i % files.size()))
                    .append("\"\n");
            get.append(item);
        }
        Files.writeString(configs.resolve("put"), put);
        Files.writeString(configs.resolve("get"), get);
    }

    /** Requests a second. */
    private double curl(String config) throws Exception {
        List<String> command = List.of(
                "curl",
                "--no-progress-meter",
                "--fail",
                "--parallel",
                "--parallel-max",
                Integer.toString(threads),
                "--header",
                "Fastly-Key: " + FakeFastly.TOKEN,
                "--header",
                "Expect:",
                "--config",
                configs.resolve(config).toString());
        long start = System.nanoTime();
        int status = new ProcessBuilder(command).inheritIO().start().waitFor();
        double rate = ITEMS * 1e9 / (System.nanoTime() - start);
        if (status != 0) {
            throw new IllegalStateException("curl ended with " + status);
        }
        return rate;
    }

    /** Calls a second. */
    private double rate(IntConsumer call) throws Exception {
        long start = System.nanoTime();
        List<Future<?>> futures = new ArrayList<>();
        for (int thread = 0; thread < threads; thread++) {
            int first = thread;
            futures.add(executor.submit(() -> {
                for (int i = first; i < ITEMS; i += threads) {
                    call.accept(i);
                }
            }));
        }
        for (Future<?> future : futures) {
            future.get();
        }
        return ITEMS * 1e9 / (System.nanoTime() - start);
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}

package io.alldocs.examples.deploy;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.cli.Main;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.worker.WorkerRuntime;
import io.alldocs.worker.mirror.MirrorServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The metrics pages of a real follower, a real worker and a real mirror, after they have done some work. */
final class MetricsPages {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final Pattern FOLLOWER = Pattern.compile("(http://127\\.0\\.0\\.1:\\d+)/metrics");
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private MetricsPages() {}

    /** Returns the pages by the program's name. */
    static Map<String, String> read(Path folder) throws Exception {
        Map<String, String> pages = new LinkedHashMap<>();
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(30).start()) {
            pages.put("follow", follower(registry, folder));
            pages.put("worker", worker(registry, folder));
            pages.put("mirror", mirror(registry, folder));
        }
        return pages;
    }

    private static String follower(EmbeddedRegistry registry, Path folder) throws Exception {
        StringWriter printed = new StringWriter();
        PrintWriter out = new PrintWriter(printed, true);
        String origin = registry.origin().toString();
        Thread follower = new Thread(() -> Main.run(
                Map.of(),
                out,
                out,
                "follow",
                "--origin=" + origin,
                "--registry=" + origin,
                "--cache-dir=" + folder.resolve("follower"),
                "--interval=0.2",
                "--metrics-port=0"));
        follower.start();
        try {
            String page = await(
                    () -> {
                        Matcher address = FOLLOWER.matcher(printed.toString());
                        return address.find() ? get(address.group(1) + "/metrics") : printed.toString();
                    },
                    text -> text.contains("all_docs_sync_state{state=\"following\"} 1.0")
                            && text.contains("all_docs_sync_lag_changes"));
            return page;
        } finally {
            follower.interrupt();
            follower.join(PATIENCE.toMillis());
        }
    }

    private static String worker(EmbeddedRegistry registry, Path folder) throws Exception {
        String origin = registry.origin().toString();
        Env env = Env.of(Map.of(
                "PORT",
                "0",
                "STORAGE_DRIVER",
                "filesystem",
                "CACHE_DIR",
                folder.resolve("worker").toString(),
                "NPM_REGISTRY",
                origin,
                "NPM_ORIGIN",
                origin));
        try (WorkerRuntime runtime = WorkerRuntime.create(env).start()) {
            String address = "http://127.0.0.1:" + runtime.server().port();
            HttpRequest work = HttpRequest.newBuilder(URI.create(address + "/work"))
                    .POST(
                            BodyPublishers.ofString(
                                    "{\"type\":\"partition-set\",\"id\":\"all\",\"payload\":{\"set\":\"all\",\"follow\":true}}"))
                    .build();
            int status = HTTP.send(work, BodyHandlers.ofString()).statusCode();
            if (status != 202) {
                throw new IllegalStateException("POST /work was answered with " + status);
            }
            return await(
                    () -> get(address + "/metrics"),
                    text -> text.contains("all_docs_set_followed_time_seconds{set=\"all\"}")
                            && text.contains("all_docs_http_requests_seconds_count{status=\"200\"}"));
        }
    }

    private static String mirror(EmbeddedRegistry registry, Path folder) throws Exception {
        Path policy = Files.writeString(folder.resolve("policy"), "min-age: 1d\n");
        try (Cache cache = Cache.builder().build();
                MirrorServer mirror = MirrorServer.builder()
                        .cache(cache)
                        .registry(registry.origin())
                        .policyFile(policy)
                        .pullThrough()
                        .start()) {
            for (String name : registry.names()) {
                get(mirror.address() + "/" + name.replace("/", "%2f"));
            }
            return get(mirror.address() + "/-/metrics");
        }
    }

    private static String get(String address) throws IOException, InterruptedException {
        return HTTP.send(HttpRequest.newBuilder(URI.create(address)).build(), BodyHandlers.ofString())
                .body();
    }

    private interface Page {
        String read() throws IOException, InterruptedException;
    }

    private static String await(Page page, Predicate<String> done) throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        String text = page.read();
        while (!done.test(text)) {
            if (System.nanoTime() > end) {
                throw new TimeoutException("Last seen: " + text);
            }
            TimeUnit.MILLISECONDS.sleep(100);
            text = page.read();
        }
        return text;
    }
}

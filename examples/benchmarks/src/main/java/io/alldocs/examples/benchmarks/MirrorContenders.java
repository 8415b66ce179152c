package io.alldocs.examples.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.CacheMode;
import io.alldocs.cache.Loaded;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.body.BodyReceiver;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.packument.PackageName;
import io.alldocs.storage.filesystem.FilesystemStorageDriver;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/**
 * The servers that {@link MirrorSpeedCommand} compares: mirrors of real packuments, nginx with the same responses as
 * files, and verdaccio. The storage of verdaccio contains the same packuments. Not thread-safe.
 */
final class MirrorContenders implements AutoCloseable {
    static final String ACCEPT = "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*";
    private static final URI REGISTRY = URI.create("https://registry.npmjs.com");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<String, Path> packuments;
    private final Path folder;
    private final List<Process> processes = new ArrayList<>();
    private final List<PackumentOrigin.Nginx> servers = new ArrayList<>();

    /**
     * Stores the packuments in a cache.
     *
     * @param data folder of packuments
     * @param folder folder for all files
     */
    MirrorContenders(Path data, Path folder) throws IOException {
        this.packuments = packuments(data);
        this.folder = folder;
        fill();
    }

    /** @param process the process that serves, or the parent of the serving processes */
    record Server(URI address, ProcessHandle process) {
        Duration processorTime() {
            return Stream.concat(Stream.of(process), process.descendants())
                    .flatMap(each -> each.info().totalCpuDuration().stream())
                    .reduce(Duration.ZERO, Duration::plus);
        }
    }

    private static Map<String, Path> packuments(Path data) throws IOException {
        Map<String, Path> found = new TreeMap<>();
        try (Stream<Path> files = Files.list(data)) {
            files.filter(file -> file.toString().endsWith(".json.gz"))
                    .forEach(file -> found.put(
                            PackageName.normalize(file.getFileName().toString().replace(".json.gz", "")), file));
        }
        if (found.isEmpty()) {
            throw new IOException("There are no packuments (*.json.gz) in " + data + ": name another --data");
        }
        return found;
    }

    private void fill() throws IOException {
        try (FilesystemStorageDriver driver = FilesystemStorageDriver.open(folder.resolve("cache"));
                Cache cache = Cache.builder().driver(driver).build()) {
            for (Map.Entry<String, Path> packument : packuments.entrySet()) {
                byte[] gzip = Files.readAllBytes(packument.getValue());
                BodyReceiver.Received received =
                        cache.receiver().receive(new ByteArrayInputStream(gzip), "gzip", OptionalLong.empty());
                EntryMetadata head = EntryMetadata.builder()
                        .status(200)
                        .outcome("ok")
                        .received(received)
                        .build();
                try (Body body = received.body()) {
                    cache.fetch(
                            CacheKey.packument(REGISTRY, packument.getKey()),
                            CacheMode.RELOAD,
                            stored -> new Loaded.Value(head, body));
                }
            }
        }
    }

    /** Starts a mirror of the packuments. */
    Server mirror(String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                "io.alldocs.cli.Main",
                "mirror",
                "--port=0",
                "--json",
                "--registry=" + REGISTRY,
                "--driver=filesystem",
                "--cache-dir=" + folder.resolve("cache")));
        command.addAll(List.of(options));
        Process process = start(folder.resolve("mirror-" + processes.size() + ".txt"), command.toArray(String[]::new));
        BufferedReader out = process.inputReader();
        JsonNode announced = JSON.readTree(String.valueOf(out.readLine()));
        return new Server(URI.create(announced.path("url").asText()), process.toHandle());
    }

    /** Starts an nginx that serves the responses of a mirror as files. */
    Server nginx(Server mirror, Iterable<String> names, String name) throws IOException, InterruptedException {
        Path files = folder.resolve(name);
        List<String> served = new ArrayList<>();
        long bytes = 0;
        for (String each : names) {
            byte[] body = whole(get(mirror.address(), each));
            Path file = files.resolve("www").resolve(each + ".gz");
            Files.createDirectories(file.getParent());
            Files.write(file, body);
            served.add(each);
            bytes += body.length;
        }
        PackumentOrigin.Nginx nginx = new PackumentOrigin.Nginx(files, served, bytes);
        servers.add(nginx);
        return new Server(nginx.address(), nginx.process());
    }

    /**
     * Returns the names of which the policy allows at least one version. For other names, the mirror responds with 403,
     * and nginx has no file.
     */
    List<String> served(Server governed) throws IOException, InterruptedException {
        List<String> served = new ArrayList<>();
        for (String name : packuments.keySet()) {
            HttpResponse<byte[]> response = get(governed.address(), name);
            if (response.statusCode() != 403) {
                whole(response);
                served.add(name);
            }
        }
        return served;
    }

    private static byte[] whole(HttpResponse<byte[]> response) throws IOException {
        if (response.statusCode() != 200) {
            throw new IOException(response.uri() + " responded with " + response.statusCode());
        }
        return response.body();
    }

    private static HttpResponse<byte[]> get(URI server, String name) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(server.resolve(PackageName.urlPath(name)))
                .header("accept", ACCEPT)
                .header("accept-encoding", "gzip")
                .build();
        return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofByteArray());
    }

    /** Starts verdaccio without uplinks, so that it serves only packuments in its storage. */
    Server verdaccio(Path modules) throws IOException, InterruptedException {
        Path storage = folder.resolve("verdaccio");
        for (Map.Entry<String, Path> packument : packuments.entrySet()) {
            Path file = storage.resolve(packument.getKey()).resolve("package.json");
            Files.createDirectories(file.getParent());
            Files.write(file, verdaccioManifest(packument.getValue()));
        }
        int port = freePort();
        Path config = Files.writeString(
                folder.resolve("verdaccio.yaml"),
                String.join(
                        "\n",
                        "storage: " + storage,
                        "auth: { htpasswd: { file: " + folder.resolve("htpasswd") + " } }",
                        "uplinks: {}",
                        "packages: { '@*/*': { access: $all }, '**': { access: $all } }",
                        "log: { type: file, path: " + folder.resolve("verdaccio.log") + ", level: fatal }",
                        "web: { enable: false }",
                        "userRateLimit: { max: 100000000 }",
                        ""));
        URI address = URI.create("http://127.0.0.1:" + port);
        Path program = modules.resolve("node_modules")
                .resolve("verdaccio")
                .resolve("bin")
                .resolve("verdaccio");
        Process process = start(
                folder.resolve("verdaccio.txt"),
                "node",
                program.toString(),
                "--config",
                config.toString(),
                "--listen",
                address.toString());
        String first = packuments.keySet().iterator().next();
        for (int attempt = 0; attempt < 600; attempt++) {
            try {
                whole(get(address, first));
                return new Server(address, process.toHandle());
            } catch (IOException e) {
                if (process.waitFor(100, TimeUnit.MILLISECONDS)) {
                    throw new IOException("verdaccio ended: " + Files.readString(folder.resolve("verdaccio.txt")), e);
                }
            }
        }
        throw new IOException("verdaccio does not serve " + first + " on port " + port);
    }

    private static byte[] verdaccioManifest(Path packument) throws IOException {
        try (InputStream in = new GZIPInputStream(Files.newInputStream(packument))) {
            ObjectNode manifest = (ObjectNode) JSON.readTree(in);
            manifest.put("_rev", "1-0").put("readme", "");
            for (String member : List.of("users", "_uplinks", "_distfiles", "_attachments")) {
                manifest.putObject(member);
            }
            return JSON.writeValueAsBytes(manifest);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Starts a process whose standard error goes to {@code log}. */
    private Process start(Path log, String... command) throws IOException {
        Process process =
                new ProcessBuilder(command).redirectError(log.toFile()).start();
        processes.add(process);
        return process;
    }

    @Override
    public void close() throws IOException {
        processes.forEach(Process::destroy);
        for (PackumentOrigin.Nginx server : servers) {
            server.close();
        }
    }
}

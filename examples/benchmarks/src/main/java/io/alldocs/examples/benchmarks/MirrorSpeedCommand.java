package io.alldocs.examples.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

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
import java.io.PrintWriter;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

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
    private static final String ACCEPT = "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*";
    private static final URI REGISTRY = URI.create("https://registry.npmjs.com");
    private static final Pattern WRK_RATE = Pattern.compile("Requests/sec:\\s+([0-9.]+)");
    private static final Pattern WRK_COUNT = Pattern.compile("(\\d+) requests in ");
    private static final Pattern WRK_P99 = Pattern.compile("99%\\s+([0-9.]+)(us|ms|s)");
    private static final ObjectMapper JSON = new ObjectMapper();

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

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Option(names = "--work-dir", required = true, description = "A new folder for all files; it is not deleted.")
    private Path workDir = Path.of("");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private final List<Process> processes = new ArrayList<>();

    /** @param process the process that serves, or the parent of the serving processes */
    private record Server(URI address, ProcessHandle process) {
        Duration processorTime() {
            return Stream.concat(Stream.of(process), process.descendants())
                    .flatMap(each -> each.info().totalCpuDuration().stream())
                    .reduce(Duration.ZERO, Duration::plus);
        }
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        Path folder = Files.createDirectories(workDir).toAbsolutePath();
        Map<String, Path> packuments = packuments();
        fill(folder.resolve("cache"), packuments);
        Figures figures = new Figures();
        Map<String, Server> servers = new LinkedHashMap<>();
        Server mirror = startMirror(folder);
        Path policy = Files.writeString(folder.resolve("policy"), POLICY);
        Server governed = startMirror(folder, "--policy=" + policy);
        List<String> names = served(governed, packuments.keySet());
        Path script = Files.writeString(folder.resolve("requests.lua"), script(names));
        try (PackumentOrigin.Nginx nginx = files(mirror, names, folder.resolve("nginx"));
                PackumentOrigin.Nginx other = files(governed, names, folder.resolve("nginx-policy"))) {
            servers.put(MIRROR, mirror);
            servers.put(NGINX, new Server(nginx.address(), nginx.process()));
            servers.put(MIRROR_POLICY, governed);
            servers.put(NGINX_POLICY, new Server(other.address(), other.process()));
            if (nodeModules != null) {
                servers.put(VERDACCIO, startVerdaccio(nodeModules, packuments, folder));
            }
            for (Map.Entry<String, Server> server : servers.entrySet()) {
                measure(server.getKey(), server.getValue(), script, warmUp, new Figures());
            }
            for (int round = 0; round < rounds; round++) {
                for (Map.Entry<String, Server> server : servers.entrySet()) {
                    measure(server.getKey(), server.getValue(), script, seconds, figures);
                }
            }
        } finally {
            processes.forEach(Process::destroy);
        }
        figures.compare(RATE, MIRROR, NGINX, 0.8);
        figures.compare(RATE, MIRROR_POLICY, NGINX_POLICY, 0.5);
        figures.compare(RATE, MIRROR, VERDACCIO, 20);
        figures.compare(COST, NGINX, MIRROR, 0);
        figures.compare(COST, NGINX_POLICY, MIRROR_POLICY, 0);
        out.println(json ? figures.toJson().toPrettyString() : figures.toTable());
        return 0;
    }

    private Map<String, Path> packuments() throws IOException {
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

    private static String script(Iterable<String> names) {
        StringBuilder lua = new StringBuilder("local headers = {[\"Accept\"] = \"" + ACCEPT
                + "\", [\"Accept-Encoding\"] = \"gzip\"}\nlocal requests = {}\nlocal at = 0\nfunction init()\n");
        names.forEach(name -> lua.append("  table.insert(requests, wrk.format(\"GET\", \"")
                .append(PackageName.urlPath(name))
                .append("\", headers))\n"));
        return lua + "end\nfunction request()\n  at = at % #requests + 1\n  return requests[at]\nend\n";
    }

    private static void fill(Path folder, Map<String, Path> packuments) throws IOException {
        try (FilesystemStorageDriver driver = FilesystemStorageDriver.open(folder);
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

    private Server startMirror(Path folder, String... options) throws IOException {
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

    /** Stores the mirror's responses as files for nginx. */
    private static PackumentOrigin.Nginx files(Server mirror, Iterable<String> names, Path folder)
            throws IOException, InterruptedException {
        List<String> served = new ArrayList<>();
        long bytes = 0;
        for (String name : names) {
            byte[] body = whole(get(mirror.address(), name));
            Path file = folder.resolve("www").resolve(name + ".gz");
            Files.createDirectories(file.getParent());
            Files.write(file, body);
            served.add(name);
            bytes += body.length;
        }
        return new PackumentOrigin.Nginx(folder, served, bytes);
    }

    /**
     * Returns the names of which the policy allows at least one version. For other names, the mirror responds with 403,
     * and nginx has no file.
     */
    private static List<String> served(Server governed, Iterable<String> names)
            throws IOException, InterruptedException {
        List<String> served = new ArrayList<>();
        for (String name : names) {
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
            throw new IOException(response.uri() + " answered " + response.statusCode());
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
    private Server startVerdaccio(Path modules, Map<String, Path> packuments, Path folder)
            throws IOException, InterruptedException {
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

    private void measure(String name, Server server, Path script, int duration, Figures figures)
            throws IOException, InterruptedException {
        Duration before = server.processorTime();
        Process wrk = new ProcessBuilder(
                        "wrk",
                        "-t1",
                        "-c" + connections,
                        "-d" + duration,
                        "--latency",
                        "-s",
                        script.toString(),
                        server.address().toString())
                .redirectErrorStream(true)
                .start();
        String report = new String(wrk.getInputStream().readAllBytes(), UTF_8);
        Matcher rate = WRK_RATE.matcher(report);
        Matcher p99 = WRK_P99.matcher(report);
        Matcher count = WRK_COUNT.matcher(report);
        if (wrk.waitFor() != 0 || report.contains("Non-2xx") || !rate.find() || !p99.find() || !count.find()) {
            throw new IOException("wrk against " + name + " failed: " + report);
        }
        double micros = server.processorTime().minus(before).toNanos() / 1e3 / Long.parseLong(count.group(1));
        figures.add(RATE, name, Double.parseDouble(rate.group(1)));
        figures.add(P99, name, millis(p99.group(1), p99.group(2)));
        figures.add(COST, name, micros);
        spec.commandLine()
                .getErr()
                .printf(
                        Locale.ROOT,
                        "%s: %s/s, 99%% within %s%s, %.1f us each%n",
                        name,
                        rate.group(1),
                        p99.group(1),
                        p99.group(2),
                        micros);
        spec.commandLine().getErr().flush();
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

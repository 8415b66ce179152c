package io.alldocs.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.zip.GZIPOutputStream;

/**
 * A registry of a few packages that clients can install. It serves tarballs, and packuments in the form that {@code
 * Accept} requests.
 */
final class PackageOrigin implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ABBREVIATED = "application/vnd.npm.install-v1+json";

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Map<String, ObjectNode> packuments = new ConcurrentHashMap<>();
    private final Map<String, byte[]> tarballs = new ConcurrentHashMap<>();

    PackageOrigin() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** Publishes a version, which becomes {@code latest}. */
    PackageOrigin publish(String name, String version, Instant published, Map<String, String> dependencies)
            throws IOException {
        ObjectNode manifest = JSON.createObjectNode().put("name", name).put("version", version);
        new TreeMap<>(dependencies).forEach(manifest.putObject("dependencies")::put);
        byte[] tarball = tarball(manifest.toString().getBytes(StandardCharsets.UTF_8));
        String path = "/" + name + "/-/" + name + "-" + version + ".tgz";
        tarballs.put(path, tarball);
        manifest.putObject("dist")
                .put("tarball", address() + path)
                .put("shasum", HexFormat.of().formatHex(digest("SHA-1", tarball)))
                .put("integrity", "sha512-" + Base64.getEncoder().encodeToString(digest("SHA-512", tarball)));
        ObjectNode packument = packuments.computeIfAbsent(
                name, key -> JSON.createObjectNode().put("_id", name).put("name", name));
        packument.withObject("dist-tags").put("latest", version);
        packument.withObject("versions").set(version, manifest);
        packument.withObject("time").put(version, published.toString());
        packument.withObject("time").put("modified", published.toString());
        return this;
    }

    static byte[] digest(String algorithm, byte[] bytes) {
        try {
            return MessageDigest.getInstance(algorithm).digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Returns an archive with one file in the format of POSIX.1-1988 (ustar): a header of 512 bytes, the text, two
     * empty blocks.
     */
    static byte[] tarball(byte[] manifest) throws IOException {
        byte[] head = new byte[512];
        put(head, 0, "package/package.json");
        put(head, 100, "0000644\0");
        put(head, 108, "0000000\0");
        put(head, 116, "0000000\0");
        put(head, 124, String.format("%011o\0", manifest.length));
        put(head, 136, String.format("%011o\0", 0));
        put(head, 148, "        ");
        put(head, 156, "0");
        put(head, 257, "ustar\00000");
        int sum = 0;
        for (byte octet : head) {
            sum += octet & 0xff;
        }
        put(head, 148, String.format("%06o\0 ", sum));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(head);
            gzip.write(manifest);
            gzip.write(new byte[(512 - manifest.length % 512) % 512 + 1024]);
        }
        return bytes.toByteArray();
    }

    private static void put(byte[] head, int at, String text) {
        byte[] ascii = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(ascii, 0, head, at, ascii.length);
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        try (exchange) {
            ObjectNode packument = packuments.get(path.substring(1));
            byte[] tarball = tarballs.get(path);
            if (tarball != null) {
                send(exchange, "application/octet-stream", tarball);
            } else if (packument != null) {
                packument(exchange, packument);
            } else {
                exchange.sendResponseHeaders(404, -1);
            }
        }
    }

    private static void packument(HttpExchange exchange, ObjectNode packument) throws IOException {
        String accept = String.valueOf(exchange.getRequestHeaders().getFirst("accept"));
        boolean brief = accept.contains(ABBREVIATED);
        ObjectNode answer = packument.deepCopy();
        if (brief) {
            answer.put("modified", answer.at("/time/modified").asText());
            answer.remove("time");
            answer.remove("_id");
        }
        byte[] body = answer.toString().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("etag", '"' + HexFormat.of().formatHex(digest("SHA-1", body)) + '"');
        exchange.getResponseHeaders().set("vary", "accept");
        exchange.getResponseHeaders().set("cache-control", "public, max-age=300");
        send(exchange, brief ? ABBREVIATED : "application/json", body);
    }

    private static void send(HttpExchange exchange, String type, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("content-type", type);
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}

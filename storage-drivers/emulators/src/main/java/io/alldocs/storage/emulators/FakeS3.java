package io.alldocs.storage.emulators;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Runs in front of {@link S3Server} and forwards all requests without a plan to it. If the JVM's HTTP client may have
 * been used before, the JVM needs {@code -Djdk.httpclient.allowRestrictedHeaders=host}.
 */
public final class FakeS3 extends Emulator {
    private static final Set<String> OF_THE_CONNECTION =
            Set.of("connection", "content-length", "transfer-encoding", "expect", "upgrade", "http2-settings");

    static {
        // Signatures cover the host name. The property is read when the first client is created.
        System.setProperty("jdk.httpclient.allowRestrictedHeaders", "host");
    }

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI target = S3Server.running().endpoint();

    /**
     * Starts the server.
     *
     * @throws IOException if no port is free
     * @throws IllegalStateException if the JVM's HTTP client does not allow a custom {@code Host} header
     */
    public FakeS3() throws IOException {
        try {
            HttpRequest.newBuilder().header("host", "127.0.0.1");
        } catch (IllegalArgumentException e) {
            throw new IllegalStateException(
                    "Start this JVM with -Djdk.httpclient.allowRestrictedHeaders=host: its HTTP client was used before.",
                    e);
        }
        start();
    }

    /** Returns the HTTP method. */
    @Override
    String kind(Asked asked) {
        return asked.method();
    }

    @Override
    Answer answer(Asked asked) throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create(target + asked.uri().toString()))
                .method(asked.method(), HttpRequest.BodyPublishers.ofByteArray(asked.body()));
        asked.headers().forEach((name, value) -> {
            if (!OF_THE_CONNECTION.contains(name)) {
                request.header(name, value);
            }
        });
        HttpResponse<byte[]> answer = send(request.build());
        Map<String, String> headers = new TreeMap<>();
        answer.headers().map().forEach((name, values) -> {
            if (!OF_THE_CONNECTION.contains(name) || asked.method().equals("HEAD")) {
                headers.put(name, String.join(", ", values));
            }
        });
        return new Answer(answer.statusCode(), headers, answer.body());
    }

    private HttpResponse<byte[]> send(HttpRequest request) throws IOException {
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofByteArray());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted", e);
        }
    }

    @Override
    Answer error(int status, String code) {
        String xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>" + code
                + "</Code><Message>planned</Message><RequestId>R1</RequestId></Error>";
        return Answer.of(status, "application/xml", xml.getBytes(StandardCharsets.UTF_8));
    }
}

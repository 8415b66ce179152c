package io.alldocs.worker.cloudrun;

import io.alldocs.Env;
import io.alldocs.worker.WorkerRuntime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;

/**
 * Loads the classes that a start and the first item need, to create an archive of them
 * ({@code -XX:ArchiveClassesAtExit}). No server listens at the addresses of the store and the registry, so no request
 * leaves the machine.
 */
final class Rehearsal {
    private static final String NOWHERE = "http://127.0.0.1:9";

    private static final Env ENV = Env.of(Map.of(
            "RUNTIME", "cloudrun",
            "HOST", "127.0.0.1",
            "PORT", "0",
            "WORKER_GRACE_MS", "100",
            "GCS_BUCKET", "rehearsal",
            "GCS_MAX_ATTEMPTS", "1",
            "STORAGE_EMULATOR_HOST", NOWHERE,
            "NPM_REGISTRY", NOWHERE));

    private Rehearsal() {}

    static void run() {
        String item = "{\"type\": \"packument\", \"id\": \"rehearsal\", \"payload\": {\"name\": \"rehearsal\"}}";
        String data = Base64.getEncoder().encodeToString(item.getBytes(StandardCharsets.UTF_8));
        try (WorkerRuntime runtime = WorkerRuntime.create(ENV).start()) {
            URI address = URI.create("http://127.0.0.1:" + runtime.server().port());
            HttpClient client = HttpClient.newHttpClient();
            for (String path : new String[] {"/health", "/ready", "/progress"}) {
                client.send(HttpRequest.newBuilder(address.resolve(path)).build(), BodyHandlers.discarding());
            }
            client.send(
                    HttpRequest.newBuilder(address.resolve("/work"))
                            .POST(BodyPublishers.ofString("{\"message\": {\"data\": \"" + data + "\"}}"))
                            .build(),
                    BodyHandlers.discarding());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

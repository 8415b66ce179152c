package io.alldocs.examples.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.alldocs.storage.emulators.S3Server;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** An S3 server in a separate process. */
final class S3Process implements AutoCloseable {
    private final Process process;
    private final String url;

    private S3Process(Process process, String url) {
        this.process = process;
        this.url = url;
    }

    /** @param folder folder of the file that receives its standard error */
    static S3Process start(Path folder) throws IOException {
        Path errors = folder.resolve("s3-errors.txt");
        Process process = new ProcessBuilder(Contender.command("s3-server"))
                .redirectError(errors.toFile())
                .start();
        String line = process.inputReader(StandardCharsets.UTF_8).readLine();
        if (line == null) {
            throw new IOException("The S3 server does not start: " + Files.readString(errors));
        }
        return new S3Process(
                process, new ObjectMapper().readTree(line).path("url").asText());
    }

    /** Returns the variables that configure a cache in its bucket. */
    Map<String, String> environment() {
        return Map.of(
                "STORAGE_DRIVER", "s3",
                "CACHE_BUCKET", S3Server.BUCKET,
                "AWS_ENDPOINT_URL_S3", url,
                "AWS_ACCESS_KEY_ID", S3Server.ACCESS_KEY,
                "AWS_SECRET_ACCESS_KEY", S3Server.SECRET_KEY);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}

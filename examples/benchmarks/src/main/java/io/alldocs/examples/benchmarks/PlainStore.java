package io.alldocs.examples.benchmarks;

import com.google.cloud.NoCredentials;
import com.google.cloud.storage.BlobId;
import com.google.cloud.storage.BlobInfo;
import com.google.cloud.storage.Storage;
import com.google.cloud.storage.Storage.BlobSourceOption;
import com.google.cloud.storage.Storage.BlobTargetOption;
import com.google.cloud.storage.StorageOptions;
import io.alldocs.storage.emulators.FakeGcs;
import io.alldocs.storage.emulators.S3Server;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;

/** Stores and reads the same bodies without a driver. */
abstract class PlainStore implements AutoCloseable {
    private final String name;

    private PlainStore(String name) {
        this.name = name;
    }

    final String name() {
        return name;
    }

    /** Stores {@code count} values, one request each. */
    abstract void put(int count, int threads) throws IOException, InterruptedException;

    /** Reads the stored values. */
    abstract void get(int count, int threads) throws IOException, InterruptedException;

    @Override
    public void close() {}

    static List<byte[]> read(List<Path> files) throws IOException {
        List<byte[]> bodies = new ArrayList<>();
        for (Path file : files) {
            bodies.add(Files.readAllBytes(file));
        }
        return bodies;
    }

    /** Creates a rival that uses the AWS SDK with its defaults. */
    static PlainStore awsSdk(URI endpoint, List<Path> files) throws IOException {
        List<byte[]> bodies = read(files);
        S3Client sdk = S3Server.vendorClient(endpoint);
        return new PlainStore("AWS SDK") {
            @Override
            void put(int count, int threads) throws InterruptedException {
                Parallel.run(
                        threads,
                        count,
                        i -> sdk.putObject(
                                request -> request.bucket(S3Server.BUCKET)
                                        .key("sdk-" + i)
                                        .contentType("application/json")
                                        .contentEncoding("gzip"),
                                RequestBody.fromBytes(bodies.get(i % bodies.size()))));
            }

            @Override
            void get(int count, int threads) throws InterruptedException {
                Parallel.run(
                        threads,
                        count,
                        i -> sdk.getObjectAsBytes(
                                request -> request.bucket(S3Server.BUCKET).key("sdk-" + i)));
            }

            @Override
            public void close() {
                sdk.close();
            }
        };
    }

    /** Creates a rival that uses the Google SDK with its defaults, except that bodies stay compressed. */
    static PlainStore googleSdk(URI endpoint, List<Path> files) throws IOException {
        List<byte[]> bodies = read(files);
        Storage sdk = StorageOptions.http()
                .setProjectId("none")
                .setHost(endpoint.toString())
                .setCredentials(NoCredentials.getInstance())
                .build()
                .getService();
        return new PlainStore("Google SDK") {
            @Override
            void put(int count, int threads) throws InterruptedException {
                Parallel.run(
                        threads,
                        count,
                        i -> sdk.create(
                                BlobInfo.newBuilder(FakeGcs.BUCKET, "sdk-" + i)
                                        .setContentType("application/json")
                                        .setContentEncoding("gzip")
                                        .build(),
                                bodies.get(i % bodies.size()),
                                BlobTargetOption.disableGzipContent()));
            }

            @Override
            void get(int count, int threads) throws InterruptedException {
                Parallel.run(
                        threads,
                        count,
                        i -> sdk.readAllBytes(
                                BlobId.of(FakeGcs.BUCKET, "sdk-" + i),
                                BlobSourceOption.shouldReturnRawInputStream(true)));
            }

            @Override
            public void close() {
                try {
                    sdk.close();
                } catch (Exception e) {
                    throw new IllegalStateException("Google's SDK cannot be closed", e);
                }
            }
        };
    }

    /**
     * Creates a rival that runs {@code curl --parallel} in a new process for each turn. The startup is part of the
     * measured time.
     *
     * @param header authorization header
     * @param prefix prefix of the URLs of values
     * @param metadata JSON sent with each value as the second part of a form; empty to send values alone
     */
    static PlainStore curl(String header, String prefix, String metadata, List<Path> files, Path folder) {
        return new PlainStore("curl") {
            @Override
            void put(int count, int threads) throws IOException, InterruptedException {
                run(count, threads, true);
            }

            @Override
            void get(int count, int threads) throws IOException, InterruptedException {
                run(count, threads, false);
            }

            private void run(int count, int threads, boolean upload) throws IOException, InterruptedException {
                Path config = folder.resolve((upload ? "put" : "get") + "-" + count + ".curl");
                if (!Files.exists(config)) {
                    Files.writeString(config, config(count, upload));
                }
                List<String> command = List.of(
                        "curl",
                        "--no-progress-meter",
                        "--parallel",
                        "--parallel-max",
                        Integer.toString(threads),
                        "--config",
                        config.toString());
                Process process = new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
                if (process.waitFor() != 0) {
                    throw new IOException("curl ended with " + process.exitValue());
                }
            }

            /** Returns curl's configuration: each transfer with all its options. */
            private String config(int count, boolean upload) {
                StringBuilder config = new StringBuilder();
                for (int i = 0; i < count; i++) {
                    config.append(i == 0 ? "" : "next\n").append("fail\nheader = \"Expect:\"\n");
                    config.append("header = \"").append(header).append("\"\n");
                    config.append("url = \"").append(prefix).append("curl-").append(i);
                    config.append("\"\noutput = \"/dev/null\"\n");
                    Path file = files.get(i % files.size()).toAbsolutePath();
                    if (upload && metadata.isEmpty()) {
                        config.append("upload-file = \"").append(file).append("\"\n");
                    } else if (upload) {
                        config.append("request = \"PUT\"\nform = \"value=@").append(file);
                        config.append("\"\nform-string = \"metadata=");
                        config.append(metadata.replace("\"", "\\\"")).append("\"\n");
                    }
                }
                return config.toString();
            }
        };
    }
}

package io.alldocs.examples.benchmarks;

import io.alldocs.storage.emulators.Emulator;
import io.alldocs.storage.emulators.FakeFastly;
import io.alldocs.storage.emulators.FakeGcs;
import io.alldocs.storage.emulators.FakeKv;
import io.alldocs.storage.emulators.FakeS3;
import io.alldocs.storage.emulators.S3Server;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A vendor's store: a server with its API, the driver's configuration, and a rival without the driver. */
enum VendorStore {
    S3 {
        @Override
        Emulator start() throws IOException {
            return new FakeS3();
        }

        @Override
        URI serve() {
            return S3Server.running().endpoint();
        }

        @Override
        Map<String, String> environment(URI endpoint) {
            return Map.of(
                    "CACHE_BUCKET",
                    S3Server.BUCKET,
                    "AWS_ENDPOINT_URL_S3",
                    endpoint.toString(),
                    "AWS_ACCESS_KEY_ID",
                    S3Server.ACCESS_KEY,
                    "AWS_SECRET_ACCESS_KEY",
                    S3Server.SECRET_KEY);
        }

        @Override
        PlainStore rival(URI endpoint, List<Path> bodies, Path folder) throws IOException {
            return PlainStore.awsSdk(endpoint, bodies);
        }
    },

    GCS {
        @Override
        Emulator start() throws IOException {
            return new FakeGcs();
        }

        @Override
        Map<String, String> environment(URI endpoint) {
            return Map.of("GCS_BUCKET", FakeGcs.BUCKET, "STORAGE_EMULATOR_HOST", endpoint.toString());
        }

        @Override
        PlainStore rival(URI endpoint, List<Path> bodies, Path folder) throws IOException {
            return PlainStore.googleSdk(endpoint, bodies);
        }
    },

    CLOUDFLARE {
        @Override
        Emulator start() throws IOException {
            return new FakeKv();
        }

        @Override
        Map<String, String> environment(URI endpoint) {
            return Map.of(
                    "CLOUDFLARE_ACCOUNT_ID",
                    FakeKv.ACCOUNT,
                    "CLOUDFLARE_KV_NAMESPACE_ID",
                    FakeKv.NAMESPACE,
                    "CLOUDFLARE_API_TOKEN",
                    FakeKv.TOKEN,
                    "CLOUDFLARE_API_BASE_URL",
                    endpoint.toString());
        }

        @Override
        PlainStore rival(URI endpoint, List<Path> bodies, Path folder) {
            String values = endpoint + "/accounts/" + FakeKv.ACCOUNT + "/storage/kv/namespaces/" + FakeKv.NAMESPACE
                    + "/values/";
            return PlainStore.curl(
                    "Authorization: Bearer " + FakeKv.TOKEN, values, "{\"allDocs\":{\"status\":200}}", bodies, folder);
        }
    },

    FASTLY {
        @Override
        Emulator start() throws IOException {
            return new FakeFastly();
        }

        @Override
        Map<String, String> environment(URI endpoint) {
            return Map.of(
                    "FASTLY_API_TOKEN",
                    FakeFastly.TOKEN,
                    "FASTLY_KV_STORE_ID",
                    FakeFastly.STORE,
                    "FASTLY_API_URL",
                    endpoint.toString());
        }

        @Override
        PlainStore rival(URI endpoint, List<Path> bodies, Path folder) {
            String keys = endpoint + "/resources/stores/kv/" + FakeFastly.STORE + "/keys/";
            return PlainStore.curl("Fastly-Key: " + FakeFastly.TOKEN, keys, "", bodies, folder);
        }
    };

    /** Returns the name of the driver. */
    final String driver() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Starts a server in this process that records requests. */
    abstract Emulator start() throws IOException;

    /**
     * Starts a server in this process, and returns its address. The server responds as fast as possible and runs until
     * the process exits.
     */
    URI serve() throws IOException {
        Emulator emulator = start();
        emulator.forgetRequests();
        return emulator.endpoint();
    }

    abstract Map<String, String> environment(URI endpoint);

    /** @param folder folder for temporary files */
    abstract PlainStore rival(URI endpoint, List<Path> bodies, Path folder) throws IOException;
}

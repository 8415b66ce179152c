package io.alldocs.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.Env;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StorageDriverProvider;
import io.alldocs.spi.ServiceProviders;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StorageDriversTest {
    private static final StorageDriverProvider FILESYSTEM =
            new Fake("filesystem", Set.of("jvm"), StorageDriverProvider.SPI_VERSION);
    private static final StorageDriverProvider FASTLY =
            new Fake("fastly", Set.of("fastly"), StorageDriverProvider.SPI_VERSION);

    @TempDir
    Path folder;

    private record Fake(String name, Set<String> runtimes, int spiVersion) implements StorageDriverProvider {

        @Override
        public StorageDriver create(Env env) {
            return new MemoryStorageDriver();
        }
    }

    private static String select(List<StorageDriverProvider> found, String... env) {
        Env values = env.length == 0 ? Env.of(Map.of()) : Env.of(Map.of(env[0], env[1]));
        return new ServiceProviders<>(StorageDrivers.KIND, found, List.of())
                .select(values)
                .name();
    }

    @Test
    void create_memoryByName_works() {
        try (StorageDriver driver =
                StorageDrivers.create(Env.of(Map.of("STORAGE_DRIVER", "memory", "RUNTIME", "fastly")))) {
            assertThat(driver.name()).isEqualTo("memory");
        }
    }

    @Test
    void select_runtime_findsItsDriver() {
        List<StorageDriverProvider> all = List.of(new MemoryStorageDriverProvider(), FASTLY, FILESYSTEM);
        assertThat(select(all)).isEqualTo("filesystem");
        assertThat(select(all, "RUNTIME", "jvm")).isEqualTo("filesystem");
        assertThat(select(all, "RUNTIME", "node")).isEqualTo("filesystem");
        assertThat(select(all, "RUNTIME", "fastly")).isEqualTo("fastly");
        assertThat(select(all, "STORAGE_DRIVER", "fastly")).isEqualTo("fastly");
    }

    @Test
    void select_none_saysWhatWasFoundAndWhatToAdd() {
        List<StorageDriverProvider> all = List.of(new MemoryStorageDriverProvider(), FILESYSTEM);
        assertThatThrownBy(() -> select(all, "RUNTIME", "fastly"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                        "No storage driver for RUNTIME=fastly; found [filesystem, memory]. Add io.alldocs:all-docs-storage-fastly.");
        assertThatThrownBy(() -> select(all, "RUNTIME", "cloudrun"))
                .hasMessageContaining("Add io.alldocs:all-docs-storage-gcs.");
        assertThatThrownBy(() -> select(List.of()))
                .hasMessage("No storage driver for RUNTIME=jvm; found []. Add io.alldocs:all-docs-storage-filesystem.");
        assertThatThrownBy(() -> select(all, "STORAGE_DRIVER", "s3"))
                .hasMessage(
                        "No storage driver for STORAGE_DRIVER=s3; found [filesystem, memory]. Add io.alldocs:all-docs-storage-s3.");
        assertThatThrownBy(() -> StorageDrivers.create(Env.of(Map.of()))).hasMessageContaining("found [memory]");
    }

    @Test
    void select_two_namesThem() {
        Fake other = new Fake("quick", Set.of("jvm"), StorageDriverProvider.SPI_VERSION);
        assertThatThrownBy(() -> select(List.of(FILESYSTEM, other)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("RUNTIME=jvm")
                .hasMessageContaining("filesystem (")
                .hasMessageContaining("quick (")
                .hasMessageContaining("STORAGE_DRIVER");
    }

    @Test
    void select_otherSpiVersion_isRefused() {
        Fake old = new Fake("old", Set.of("jvm"), 0);
        assertThatThrownBy(() -> select(List.of(old)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("version 0")
                .hasMessageContaining("version 1");
    }

    @Test
    void create_providerThatCannotLoad_isReported() throws IOException {
        Path services = Files.createDirectories(folder.resolve("META-INF/services"));
        Files.writeString(
                services.resolve(StorageDriverProvider.class.getName()),
                "com.example.Absent\n" + StorageDriversTest.class.getName() + "\n");
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {url(folder)}, getClass().getClassLoader())) {
            ServiceProviders<StorageDriverProvider> providers =
                    ServiceProviders.find(StorageDrivers.KIND, ServiceLoader.load(StorageDriverProvider.class, loader));
            assertThat(providers.found())
                    .extracting(StorageDriverProvider::name)
                    .containsExactly("memory");
            assertThat(providers.broken()).hasSize(2);
            assertThat(providers
                            .select(Env.of(Map.of("STORAGE_DRIVER", "memory")))
                            .name())
                    .isEqualTo("memory");
            assertThatThrownBy(() -> providers.select(Env.of(Map.of("STORAGE_DRIVER", "absent"))))
                    .hasMessageContaining("com.example.Absent")
                    .satisfies(e -> assertThat(e.getSuppressed()).hasSize(2));
        }
    }

    private static URL url(Path path) throws MalformedURLException {
        return path.toUri().toURL();
    }

    @ParameterizedTest
    @CsvSource({"memry, Did you mean memory?", "sqllite, Did you mean sqlite?", "S3, Did you mean s3?"})
    void select_mistypedName_suggestsTheNearest_andInventsNoArtifact(String typed, String advice) {
        assertThatThrownBy(() -> StorageDrivers.create(Env.of(Map.of("STORAGE_DRIVER", typed))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(advice)
                .hasMessageNotContaining("Add io.alldocs");
    }

    @Test
    void select_unknownName_explainsOwnDrivers() {
        assertThatThrownBy(() -> StorageDrivers.create(Env.of(Map.of("STORAGE_DRIVER", "oracle"))))
                .hasMessageContaining("META-INF/services")
                .hasMessageNotContaining("Add io.alldocs");
    }
}

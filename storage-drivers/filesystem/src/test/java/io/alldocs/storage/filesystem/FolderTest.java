package io.alldocs.storage.filesystem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.alldocs.Env;
import io.alldocs.cache.StorageDrivers;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StorageException;
import io.alldocs.cache.spi.UnsupportedStorageOperationException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Tests opening valid and invalid folders. */
class FolderTest {
    @TempDir
    Path parent;

    private Path folder() {
        return parent.resolve("cache");
    }

    private static void assertCannotOpen(Path path, String reason) {
        assertThatExceptionOfType(StorageException.class)
                .isThrownBy(() -> FilesystemStorageDriver.open(path))
                .withMessageContaining("Cannot open the cache folder " + path)
                .withMessageContaining(reason)
                .withCauseInstanceOf(IOException.class);
    }

    @Test
    void open_missingFolders_makesThem() {
        Path deep = parent.resolve("a/b/c");
        try (FilesystemStorageDriver driver = FilesystemStorageDriver.open(deep)) {
            assertThat(driver.folder()).isEqualTo(deep).isDirectory();
            assertThat(driver.toString()).isEqualTo("filesystem:" + deep);
        }
    }

    @Test
    void open_fileInItsPlace_saysSo() throws IOException {
        Files.writeString(folder(), "a file");

        assertCannotOpen(folder(), folder() + " exists and is not a directory");
        assertCannotOpen(folder().resolve("below"), folder().toString());
    }

    @Test
    void put_fileWhereADirectoryShouldBe_namesIt() throws IOException {
        for (String name : new String[] {"tmp", "content-v2", "index-v5"}) {
            Path cache = parent.resolve("with-" + name);
            Files.createDirectories(cache);
            try (FilesystemStorageDriver driver = FilesystemStorageDriver.open(cache)) {
                Files.deleteIfExists(cache.resolve(name));
                Files.writeString(cache.resolve(name), "in the way");

                assertThatExceptionOfType(StorageException.class)
                        .isThrownBy(() -> Values.put(driver, "the-key", "value"))
                        .withMessageContaining("Cannot store the-key in the cache folder " + cache)
                        .withMessageContaining(cache.resolve(name).toString())
                        .withCauseInstanceOf(IOException.class);
                assertThat(driver.get("the-key")).isEmpty();
                assertThat(Values.keys(driver)).isEmpty();
            }
        }
    }

    @Test
    void open_newerFormat_saysSoAndChangesNothing() throws IOException {
        FilesystemStorageDriver.open(folder()).close();
        Files.writeString(folder().resolve("_all-docs-format"), "2\n");
        Map<String, String> before = Values.snapshot(folder());

        assertCannotOpen(
                folder(),
                "a newer version of all-docs wrote it: it has format 2, but this version reads up to format 1");
        assertThat(Values.snapshot(folder())).isEqualTo(before);
    }

    @Test
    void open_formatThatIsNoNumber_saysSo() throws IOException {
        Files.createDirectories(folder());
        Files.writeString(folder().resolve("_all-docs-format"), "one");

        assertCannotOpen(folder(), "_all-docs-format does not contain a number");
    }

    @Test
    void open_newerCacacheOnly_saysSo() throws IOException {
        Files.createDirectories(folder().resolve("index-v6"));

        assertCannotOpen(folder(), "it has index-v6, but this version reads index-v5");
        assertThat(Values.snapshot(folder())).containsOnlyKeys("", "index-v6");
    }

    @Test
    void open_folderOfANewerCacache_works() throws IOException {
        Files.createDirectories(folder().resolve("content-v3"));
        Files.createDirectories(folder().resolve("content-v2"));

        FilesystemStorageDriver.open(folder()).close();

        assertThat(folder().resolve("_all-docs-format")).exists();
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "only Linux has folders that not even root can write to")
    void open_unwritablePlace_saysSo() {
        assertCannotOpen(Path.of("/proc/all-docs-cache"), "/proc/all-docs-cache");
        assertCannotOpen(Path.of("/sys/kernel"), "/sys/kernel");
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "ulimit is a shell's")
    void put_onAFullDisk_failsWithPathAndCauseAndLosesNothing() throws Exception {
        // 64 blocks of 512 bytes: writing a file beyond 32 KiB fails, as on a full disk.
        Process process = Children.limited("ulimit -f 64", FullDisk.class, folder().toString());

        assertThat(Children.output(process)).isEqualTo("small: stored\nlarge: refused\nsmall: whole\n");
        assertThat(process.waitFor()).isZero();
        try (FilesystemStorageDriver driver = FilesystemStorageDriver.open(folder())) {
            assertThat(Values.keys(driver)).containsExactly("small");
        }
        assertThat(folder().resolve("tmp")).isEmptyDirectory();
    }

    /** Runs in a process in which files are limited to 32 KiB. */
    static final class FullDisk {
        private FullDisk() {}

        public static void main(String[] args) {
            try (FilesystemStorageDriver driver = FilesystemStorageDriver.open(Path.of(args[0]))) {
                Values.put(driver, "small", "value");
                System.out.println("small: stored");
                byte[] large = new byte[100_000];
                try {
                    driver.put("large", Values.bare(large), Body.of(large));
                } catch (StorageException e) {
                    boolean clear = e.retryable()
                            && e.getCause() instanceof IOException
                            && String.valueOf(e.getMessage())
                                    .matches("Cannot store large in the cache folder .*: .+ \\(.*content-v2.*\\)");
                    System.out.println(clear ? "large: refused" : e.toString());
                }
                System.out.println("small: " + (Values.text(driver, "small").isPresent() ? "whole" : "lost"));
            }
        }
    }

    @Test
    void readOnly_folder_isReadAndNeverChanged() throws IOException {
        try (FilesystemStorageDriver writer = FilesystemStorageDriver.open(folder())) {
            Values.put(writer, "k", "value");
        }
        Files.delete(folder().resolve("_all-docs-lock"));
        Map<String, String> before = Values.snapshot(folder());

        try (FilesystemStorageDriver reader =
                FilesystemStorageDriver.builder(folder()).readOnly(true).build()) {
            assertThat(reader.capabilities().writable()).isFalse();
            assertThat(reader.capabilities().conditionalPut()).isFalse();
            assertThat(Values.text(reader, "k")).contains("value");
            byte[] bytes = Values.utf8("x");
            for (Runnable change : new Runnable[] {
                () -> Values.put(reader, "k", "x"),
                () -> reader.delete("k"),
                () -> reader.putHead("k", Values.head(bytes)),
                () -> reader.putIfAbsent("l", Values.head(bytes), Body.of(bytes))
            }) {
                assertThatExceptionOfType(UnsupportedStorageOperationException.class)
                        .isThrownBy(change::run)
                        .withMessageContaining(folder().toString());
            }
        }
        assertThat(Values.snapshot(folder())).isEqualTo(before);
    }

    @Test
    void readOnly_missingFolder_isAnErrorAndNotMade() {
        assertThatExceptionOfType(StorageException.class)
                .isThrownBy(() ->
                        FilesystemStorageDriver.builder(folder()).readOnly(true).build())
                .withMessageContaining(folder() + " does not exist");
        assertThat(folder()).doesNotExist();
    }

    @Test
    void builder_pathInAJar_isRefused() throws IOException {
        URI jar = URI.create("jar:" + parent.resolve("x.zip").toUri());
        try (FileSystem zip = FileSystems.newFileSystem(jar, Map.of("create", "true"))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> FilesystemStorageDriver.builder(zip.getPath("/cache")))
                    .withMessageContaining("default file system");
        }
    }

    @Test
    void keys_beyondTheLimits_areRefusedBeforeAnythingIsWritten() throws IOException {
        try (FilesystemStorageDriver driver = FilesystemStorageDriver.open(folder())) {
            Map<String, String> before = Values.snapshot(folder());
            for (String key :
                    new String[] {"", "k".repeat(16_385), "ü".repeat(8_193), "a\ud800b", "n".repeat(10_000_000)}) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> Values.put(driver, key, "value"))
                        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(400));
                assertThatIllegalArgumentException().isThrownBy(() -> driver.get(key));
            }
            assertThat(Values.snapshot(folder())).isEqualTo(before);
            Values.put(driver, "k".repeat(16_384), "value");
            assertThat(Values.text(driver, "k".repeat(16_384))).contains("value");
        }
    }

    @Test
    void put_headOfAnotherSize_isRefused() {
        try (FilesystemStorageDriver driver = FilesystemStorageDriver.open(folder())) {
            byte[] bytes = Values.utf8("value");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> driver.put("k", Values.head(bytes), Body.of(Values.utf8("longer value"))));
            assertThat(driver.has("k")).isFalse();
        }
    }

    @Test
    void close_twice_isFine_andUseAfterwardsIsAnError() {
        FilesystemStorageDriver driver = FilesystemStorageDriver.open(folder());
        FilesystemStorageDriver other = FilesystemStorageDriver.open(folder());
        driver.close();
        driver.close();

        assertThatIllegalStateException().isThrownBy(() -> driver.get("k")).withMessageContaining(folder().toString());
        assertThatIllegalStateException().isThrownBy(() -> Values.put(driver, "k", "v"));
        assertThatIllegalStateException().isThrownBy(() -> driver.list("", null));
        Values.put(other, "k", "v");
        assertThat(other.has("k")).isTrue();
        other.close();
    }

    @Test
    void provider_isFoundByNameAndAsDefaultOfTheRuntime() {
        Map<String, String> values = Map.of("CACHE_DIR", folder().toString());
        try (StorageDriver driver = StorageDrivers.create(Env.of(values))) {
            assertThat(driver).isInstanceOf(FilesystemStorageDriver.class);
            assertThat(driver.name()).isEqualTo("filesystem");
            Values.put(driver, "k", "value");
        }
        try (StorageDriver driver = StorageDrivers.create(Env.of(
                Map.of("STORAGE_DRIVER", "filesystem", "CACHE_DIR", folder().toString(), "CACHE_READ_ONLY", "true")))) {
            assertThat(Values.text(driver, "k")).contains("value");
            assertThat(driver.capabilities().writable()).isFalse();
        }
        try (StorageDriver driver = new FilesystemStorageProvider()
                .create(Env.of(Map.of("CACHE_DIR", folder().toString(), "CACHE_SYNC", "true")))) {
            Values.put(driver, "synced", "value");
            assertThat(Values.text(driver, "synced")).contains("value");
        }
    }

    @Test
    void provider_badVariables_areNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new FilesystemStorageProvider()
                        .create(Env.of(Map.of("CACHE_DIR", folder().toString(), "CACHE_SYNC", "yes"))))
                .withMessage("CACHE_SYNC must be true or false, but is yes.");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new FilesystemStorageProvider().create(Env.of(Map.of("CACHE_DIR", "a\0b"))))
                .withMessageContaining("CACHE_DIR");
        assertThat(folder()).doesNotExist();
    }
}

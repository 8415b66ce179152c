package io.alldocs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Tests wrong command lines. A single line says what is wrong and what to do, the exit code is correct, and no file is
 * created.
 */
class WrongUsageTest {
    @TempDir
    private Path folder;

    @BeforeEach
    void writeFiles() throws IOException {
        Files.writeString(folder.resolve("names.txt"), "lodash\n");
        Files.writeString(folder.resolve("bad.txt"), "lodash\n../etc/passwd\n");
        Files.writeString(folder.resolve("file"), "I am no folder");
        Files.writeString(folder.resolve("policy.conf"), "min-age: soon\n");
    }

    /** FOLDER is the test's folder, and CACHE names a cache that does not exist. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            boostrap                                          | 2 | Unknown command 'boostrap'. Did you mean bootstrap?
            help boostrap                                     | 2 | Unknown command 'boostrap'. Did you mean bootstrap?
            bootstrap --embeded 10                            | 2 | Unknown option '--embeded' of all-docs bootstrap. Did you mean --embedded?
            bootstrap --prefx=express                         | 2 | Unknown option '--prefx' of all-docs bootstrap. Did you mean --prefix?
            bootstrap --metrics-port 1                        | 2 | Unknown option '--metrics-port' of all-docs bootstrap. It is an option of: follow.
            follow --metrics-host 0.0.0.0 CACHE               | 2 | --metrics-host needs --metrics-port
            bootstrap --xyzzy                                 | 2 | Unknown option '--xyzzy' of all-docs bootstrap.
            bootstrap express                                 | 2 | Unexpected argument 'express': all-docs bootstrap takes options only.
            show express 1.0.0 more                           | 2 | Unexpected argument 'more': all-docs show takes fewer arguments.
            bootstrap --driver sqllite CACHE                  | 2 | Did you mean sqlite?
            bootstrap --driver mine CACHE                     | 2 | Your own storage driver must be on the class path
            list --driver mine CACHE                          | 2 | java -jar ignores -cp and CLASSPATH.
            worker --queue reddis --port 0 --driver memory    | 2 | Did you mean redis?
            worker --runtime lambda --port 0 CACHE            | 2 | No worker runtime for RUNTIME=lambda
            bootstrap --registry registry.npmjs.com           | 2 | an address must be http:// or https://, a host and an optional path
            bootstrap --origin http://me:hunter2@localhost    | 2 | put credentials into .npmrc or NPM_TOKEN
            bootstrap --concurrency ten                       | 2 | --concurrency must be a whole number, not 'ten'.
            bootstrap --concurrency 0                         | 2 | --concurrency must be at least 1: 0.
            bootstrap --rate fast                             | 2 | --rate must be a number, not 'fast'.
            bootstrap --rate -1                               | 2 | --rate must be at least 0: -1.0.
            bootstrap --start b --end a CACHE                 | 2 | The start key "b" of a partition must be below its end key "a"
            bootstrap --prefix a --start b CACHE              | 2 | No name that begins with the --prefix lies between --start and --end
            bootstrap --prefix                                | 2 | Missing required parameter for option '--prefix' (P).
            bootstrap --embedded -1                           | 2 | --embedded must be a number of names, 0 or more: -1.
            bootstrap --embedded 5 --origin http://127.0.0.1:1 | 2 | --embedded starts its own origin and registry; remove --origin and --registry.
            bootstrap --embedded 5 --port 70000               | 2 | --port must be between 0 and 65535: 70000.
            bootstrap --names FOLDER/none.txt CACHE           | 2 | Cannot find the file of names FOLDER/none.txt.
            bootstrap --names FOLDER/bad.txt CACHE            | 2 | line 2:
            bootstrap --names FOLDER/names.txt --prefix a     | 2 | --names cannot be used together with --prefix, --start or --end.
            bootstrap --names-only --abbreviated              | 2 | --names-only and --abbreviated cannot be used together.
            bootstrap --names-only --allow a*                 | 2 | --names-only cannot be used with --allow and --deny, which select packuments.
            bootstrap --report FOLDER/no/report.json          | 2 | --report names a folder that does not exist: FOLDER/no.
            bootstrap --offline --force                       | 2 | --offline and --force cannot be used together
            bootstrap --embedded 3 --port 0 --cache-dir FOLDER/file | 2 | choose a writable folder with --cache-dir
            report CACHE                                      | 2 | There is no cache in FOLDER/absent; create one with all-docs bootstrap
            report --html FOLDER/no/page.html                 | 2 | --html names a folder that does not exist: FOLDER/no.
            follow --interval 0                               | 2 | --interval must be above 0 and at most --max-interval.
            follow --deleted kepp                             | 2 | --deleted must be one of keep, mark, delete, not 'kepp'. Did you mean keep?
            follow --once --until-idle                        | 2 | --once and --until-idle cannot be used together.
            follow --names FOLDER/names.txt --cache-dir FOLDER/new --driver memory | 2 | A job without an origin has no feed to follow
            show CACHE                                        | 2 | Missing required parameter: 'NAME'.
            stats --cache-dir FOLDER                          | 2 | pass the driver that wrote them with --driver
            list --kind packuments CACHE                      | 2 | --kind must be one of abbreviated, other, packument, partition, not 'packuments'. Did you mean packument?
            list --limit many                                 | 2 | --limit must be a whole number, not 'many'.
            list --keys --json CACHE                          | 2 | --keys and --json cannot be used together.
            clear CACHE                                       | 2 | Select the entries with --kind, --origin, --package, --prefix or --older-than, or use --all.
            clear --older-than 30                             | 2 | an age must be a number and a unit (d, h, m or s), such as 30d
            export out.parquet                                | 2 | choose a file name that ends in .jsonl, .ndjson, .jsonl.gz or .ndjson.gz, not out.parquet.
            copy CACHE                                        | 2 | Missing required parameter: '[DRIVER:]TARGET'.
            queue deads                                       | 2 | sizes|dead|retry|discard must be one of sizes, dead, retry, discard, not 'deads'. Did you mean dead?
            queue retry                                       | 2 | Pass either the ids of dead letters or --all.
            queue sizes                                       | 2 | The local queue is part of the worker's process
            seed CACHE                                        | 2 | Set QUEUE_DRIVER=redis and REDIS_URL
            seed --batch 9999                                 | 2 | --batch must be between 1 and 5000: 9999.
            seed --pivots a --target-rows 5                   | 2 | --pivots and --target-rows cannot be used together.
            fleet --workers 0                                 | 2 | --workers must be at least 1: 0.
            worker --port 0 --concurrency 0 CACHE             | 2 | WORKER_CONCURRENCY
            mirror --port 70000                               | 2 | --port must be between 0 and 65535: 70000.
            mirror --host nohost.invalid --pull-through --driver memory | 2 | there is no such host; use an address of this machine
            mirror --policy FOLDER/none.conf                  | 2 | the file does not exist
            mirror --policy FOLDER/policy.conf                | 2 | policy.conf
            mirror --tarball-host files.example               | 2 | --tarball-host needs --proxy-tarballs.
            policy express                                    | 2 | Missing required option: '--policy=FILE'.
            embedded-registry --faults gremlins               | 2 | Unknown fault "gremlins".
            embedded-registry --names 9999999                 | 2 | The number of names must be between 0 and 5,000,000, but is 9999999.
            completion fish                                   | 2 | bash|zsh must be one of bash, zsh, not 'fish'.
            list --driver s3                                  | 2 | The environment variable CACHE_BUCKET is not set
            """)
    void commandLine_thatIsWrong_saysWhatAndWhatToDo(String line, int exitCode, String says) throws IOException {
        Program.Result result = run(Map.of(), line);

        assertRefused(result, exitCode, in(says));
    }

    @Test
    void s3_withoutARegion_saysWhichVariable() throws IOException {
        assertRefused(
                run(noAws(Map.of("CACHE_BUCKET", "b")), "list --driver s3"),
                ExitCode.USAGE,
                "no region is configured. Set AWS_REGION, such as us-east-1");
    }

    private static Map<String, String> noAws(Map<String, String> variables) {
        System.setProperty("aws.disableEc2Metadata", "true");
        return variables;
    }

    @Test
    void s3_withoutCredentials_saysWhichVariables() throws IOException {
        Program.Result result = run(
                noAws(Map.of(
                        "CACHE_BUCKET", "b", "AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1", "AWS_MAX_ATTEMPTS", "1")),
                "list --driver s3");

        assertRefused(result, ExitCode.PARTIAL, "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE");
        assertThat(result.err()).doesNotContain("@", "Chain(");
    }

    @Test
    void port_inUse_isSaidByEveryServer() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = taken.getLocalPort();
            for (String line : new String[] {
                "bootstrap --embedded 3 --port " + port + " CACHE",
                "report --embedded 3 --port " + port + " CACHE",
                "fleet --embedded 3 --port " + port + " --cache-dir FOLDER --work-dir FOLDER",
                "mirror --pull-through --driver memory --port " + port,
                "worker --driver memory --port " + port,
                "embedded-registry --port " + port
            }) {
                Program.Result result = run(Map.of(), line);

                assertThat(result.exitCode()).as(line + result.err()).isEqualTo(ExitCode.USAGE);
                assertThat(result.err())
                        .as(line)
                        .contains(Integer.toString(port))
                        .doesNotContain("\tat ");
            }
        }
    }

    @Test
    void store_thatIsReadOnly_isRefusedBeforeAnythingIsFetched() throws IOException {
        String cache = " --driver filesystem --cache-dir FOLDER/kept --port 0";
        assertThat(run(Map.of(), "bootstrap --embedded 3" + cache).exitCode()).isZero();

        Program.Result result = run(Map.of("CACHE_READ_ONLY", "true"), "bootstrap --embedded 4" + cache);

        assertThat(result.exitCode()).as(result.err()).isEqualTo(ExitCode.USAGE);
        assertThat(result.err()).contains("reading only").doesNotContain("\tat ");
    }

    private Program.Result run(Map<String, String> variables, String line) {
        return Program.run(variables, in(line).split(" +", -1));
    }

    private String in(String text) {
        return text.replace("CACHE_BUCKET", "<bucket>")
                .replace("CACHE", "--cache-dir FOLDER/absent")
                .replace("<bucket>", "CACHE_BUCKET")
                .replace("FOLDER", folder.toString());
    }

    private void assertRefused(Program.Result result, int exitCode, String says) throws IOException {
        assertThat(result.exitCode()).as(result.out() + result.err()).isEqualTo(exitCode);
        assertThat(result.err()).startsWith("Error: ").contains(says).doesNotContain("\tat ", "Exception", "hunter2");
        assertThat(result.err().lines()).hasSizeLessThanOrEqualTo(2);
        assertThat(result.err().getBytes(StandardCharsets.UTF_8)).hasSizeLessThan(1_200);
        assertThat(result.out()).isEmpty();
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("names.txt", "bad.txt", "file", "policy.conf");
        }
    }
}

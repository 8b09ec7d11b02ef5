# DynamoDB Local, Amazon's own emulator, from Maven; in memory. It checks no
# signature and never throttles. Needs servers.sh.

dynamodb_release=3.1.0

dynamodb_library() { printf '%s/dynamodb-local-%s\n' "$(cache_folder)" "$dynamodb_release"; }

install_dynamodb() {
    install_packages python3
    command -v java >/dev/null || install_packages openjdk-17-jre-headless
    [ -f "$(dynamodb_library)/LoopbackDynamoDb.class" ] || fetch_dynamodb
}

fetch_dynamodb() {
    local folder work
    folder=$(dynamodb_library)
    command -v mvn >/dev/null || install_packages maven
    command -v javac >/dev/null || install_packages openjdk-17-jdk-headless
    say "fetching DynamoDB Local $dynamodb_release"
    mkdir -p "$(cache_folder)"
    work=$(mktemp -d "$(cache_folder)/fetch.XXXXXX")
    cat >"$work/pom.xml" <<END
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>godwit</groupId><artifactId>dynamodb-local</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies><dependency>
    <groupId>software.amazon.dynamodb</groupId><artifactId>DynamoDBLocal</artifactId><version>$dynamodb_release</version>
  </dependency></dependencies>
</project>
END
    run_logged "$work/log" mvn -q -B -f "$work/pom.xml" dependency:copy-dependencies "-DoutputDirectory=$work/lib" \
        -DincludeScope=runtime &&
        cp "$work"/lib/libsqlite4java-linux-amd64-*.so "$work/lib/libsqlite4java-linux-amd64.so" &&
        run_logged "$work/log" javac -cp "$work/lib/*" -d "$work/lib" "$source_folder/script/lib/servers/LoopbackDynamoDb.java" &&
        chmod -R a+rX "$work/lib" && rm -rf "$folder" && mv "$work/lib" "$folder" ||
        { rm -rf "$work"; return 1; }
    rm -rf "$work"
}

start_dynamodb() {
    local folder=$1 library port
    library=$(dynamodb_library)
    port=$(cat "$folder/port")
    start_in_background "$folder" java -Xmx1g -XX:+UseSerialGC "-Djava.library.path=$library" "-Djava.io.tmpdir=$folder" \
        -cp "$library:$library/*" LoopbackDynamoDb -inMemory -sharedDb -disableTelemetry -port "$port"
}

answers_dynamodb() { answers_in_background "$1"; }
stop_dynamodb() { stop_in_background "$1"; }
